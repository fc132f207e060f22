/** The page around the cards: verdict, overview, legend, readings. */
import type { DeploymentRecord, PlayRecord } from '../../record.ts';
import { formatDuration, plural } from '../format.ts';
import { countInvocations, decidingReason, lastMoment, readStatus } from '../model.ts';
import { card, expectedBadge } from './card.ts';
import { answerIcon, icon, statusBadge } from './icons.ts';
import { type Html, html } from './markup.ts';

/** The whole of one play, as a section with its own heading. */
export function section(record: PlayRecord, id: string): Html {
  const cards = record.deployments.map((deployment, index) => card(record, deployment, `${id}-d${index + 1}`));
  return html`<section class="play" id="${id}" aria-labelledby="${id}-title">
<header class="play__head"><div><h2 id="${id}-title">${record.scenario}</h2>${record.description !== '' && html`<p class="lead">${record.description}</p>`}<p class="quiet">${tally(record.deployments)}</p></div>${verdictBadge(record)}</header>
${differences(record)}
${record.deployments.length === 0 ? html`<p class="quiet empty">No deployment was played.</p>` : overview(record, id)}
${cards}
${readings(record)}
</section>`;
}

function tally(deployments: readonly DeploymentRecord[]): string {
  const calls = deployments.reduce((sum, deployment) => sum + countInvocations(deployment), 0);
  const time = deployments.reduce((sum, deployment) => sum + lastMoment(deployment) - deployment.createdAt, 0);
  const counts = new Map<string, number>();
  for (const deployment of deployments) {
    const words = readStatus(deployment).words.toLowerCase();
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return [
    plural(deployments.length, 'deployment'),
    ...[...counts].map(([words, count]) => `${count} ${words}`),
    plural(calls, 'hook invocation'),
    `${formatDuration(time)} of simulated time`,
  ].join(' · ');
}

function verdictBadge(record: PlayRecord): Html | false {
  if (record.expectation === undefined) return false;
  return record.expectation.met
    ? html`<span class="badge badge--big badge--good">${icon('succeeded')}As expected</span>`
    : html`<span class="badge badge--big badge--bad">${icon('failed')}Not as expected</span>`;
}

function differences(record: PlayRecord): Html | false {
  const failures = record.expectation?.failures ?? [];
  if (failures.length === 0) return false;
  return html`<div class="why why--bad"><p><b>The play went otherwise than the scenario expects:</b></p><ul>${failures.map((failure) => html`<li>${failure}</li>`)}</ul></div>`;
}

function overview(record: PlayRecord, id: string): Html | false {
  if (record.deployments.length < 2) return false;
  const rows = record.deployments.map((deployment, index) => {
    const took = formatDuration(lastMoment(deployment) - deployment.createdAt);
    return html`<tr><td><a href="#${id}-d${index + 1}">${deployment.title}</a></td><td><div class="badges">${statusBadge(readStatus(deployment))}${expectedBadge(record, deployment)}</div></td><td class="number">${took}</td><td class="number">${plural(countInvocations(deployment), 'call')}</td>${whyCell(deployment)}</tr>`;
  });
  return html`<table class="overview"><thead><tr><th scope="col">deployment</th><th scope="col">outcome</th><th scope="col" class="number">took</th><th scope="col" class="number">hooks</th><th scope="col">why</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function whyCell(deployment: DeploymentRecord): Html {
  const reason = decidingReason(deployment);
  return reason === '' ? html`<td class="reason none-said">–</td>` : html`<td class="reason">${reason}</td>`;
}

function readings(record: PlayRecord): Html | false {
  const chosen = Object.entries(record.readings).sort(([a], [b]) => (a < b ? -1 : 1));
  if (chosen.length === 0) return false;
  const rows = chosen.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`);
  return html`<section class="readings"><h3>Readings chosen</h3><p class="quiet">AWS does not document how ECS behaves in these points. This is the reading that was played.</p><dl>${rows}</dl></section>`;
}

/** What the shapes and fills mean. */
export function legend(): Html {
  const item = (picture: Html, words: string): Html => html`<li>${picture}${words}</li>`;
  return html`<ul class="legend" aria-label="Legend">${[
    item(answerIcon('succeeded'), 'SUCCEEDED'),
    item(answerIcon('waiting'), 'IN_PROGRESS'),
    item(answerIcon('failed'), 'FAILED'),
    item(answerIcon('error'), 'error or timeout'),
    item(html`<i class="key bar--forward"></i>`, 'stage'),
    item(html`<i class="key bar--rollback"></i>`, 'stage of a rollback'),
    item(html`<i class="swatch swatch--source"></i>`, 'source revision'),
    item(html`<i class="swatch swatch--target"></i>`, 'target revision'),
  ]}</ul>`;
}
