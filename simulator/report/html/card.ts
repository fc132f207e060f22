/** One deployment: what it was, how it ended and why, its chart, and everything in words. */
import type { DeploymentRecord, PlayRecord } from '../../record.ts';
import { formatDuration, formatUtc, plural } from '../format.ts';
import { countInvocations, decidingGroup, lastMoment, lastShown, readStatus } from '../model.ts';
import { compressedScale, evenScale, keyMoments, type TimeScale } from '../scale.ts';
import { expectedWord } from '../summary.ts';
import { consumptionRows } from './consumption-rows.ts';
import { distributions } from './distributions.ts';
import { eventRows } from './event-rows.ts';
import { eventsTable } from './events-table.ts';
import { hookRows } from './hook-rows.ts';
import { answerIcon, icon, statusBadge } from './icons.ts';
import { type Html, html } from './markup.ts';
import { metricRows } from './metric-rows.ts';
import { stageRows, stepWords } from './stage-rows.ts';
import { axisRow, backdrop, type Chart, clockOf, flagsRow, leastWidth } from './time-axis.ts';
import { trafficRows } from './traffic-rows.ts';

/** Tables longer than this begin closed. */
const OPEN_ROWS = 14;

export function card(record: PlayRecord, deployment: DeploymentRecord, id: string): Html {
  const table = eventsTable(deployment, id);
  const open = table.rows <= OPEN_ROWS ? html` open` : '';
  const events =
    table.rows > 0 &&
    html`<details class="happened"${open}><summary><h4>What happened</h4><span class="quiet">${plural(table.rows, 'row')}</span></summary>${table.markup}</details>`;
  return html`<article class="card" id="${id}" aria-labelledby="${id}-title">
<header class="card__head"><h3 id="${id}-title">${deployment.title}</h3><div class="badges">${statusBadge(readStatus(deployment))}${expectedBadge(record, deployment)}</div></header>
${facts(deployment)}
${why(deployment, table.rowOf)}
${deployment.stages.length === 0 ? html`<p class="quiet empty">No stage has begun.</p>` : charts(deployment, id, table.rowOf)}
${distributions(deployment)}
${events}
${stageTable(deployment)}
</article>`;
}

export function expectedBadge(record: PlayRecord, deployment: DeploymentRecord): Html | false {
  const word = expectedWord(record, deployment);
  if (word === '-') return false;
  return word === 'yes'
    ? html`<span class="badge badge--plain">as expected</span>`
    : html`<span class="badge badge--bad">${icon('failed')}not as expected</span>`;
}

function facts(deployment: DeploymentRecord): Html {
  const { source, target } = deployment;
  const from = source
    ? html`<span class="revision"><i class="swatch swatch--source"></i>${source.name}</span><span class="arrow" aria-label="to">→</span>`
    : html`<span class="quiet">first deployment</span><span class="arrow" aria-label="to">→</span>`;
  const to = html`<span class="revision"><i class="swatch swatch--target"></i>${target.name}</span>`;
  const took = formatDuration(lastMoment(deployment) - deployment.createdAt);
  return html`<dl class="facts"><div><dt>revisions</dt><dd>${from}${to}</dd></div><div><dt>service</dt><dd>${deployment.cluster}/${deployment.service}</dd></div><div><dt>strategy</dt><dd>${deployment.strategy}</dd></div><div><dt>took</dt><dd>${took}</dd></div><div><dt>hook invocations</dt><dd>${plural(countInvocations(deployment), 'call')}</dd></div><div><dt>created</dt><dd>${formatUtc(deployment.createdAt)}</dd></div><div><dt>service deployment</dt><dd><code>${deployment.deploymentId}</code></dd></div></dl>`;
}

/** The hook's own words first, since ECS only passes on that it failed; then what ECS says, in full. */
function why(deployment: DeploymentRecord, rowOf: ReadonlyMap<unknown, string>): Html | false {
  const group = decidingGroup(deployment);
  const said =
    group &&
    html`<div class="why__line">${answerIcon(group.answer.look)}<p><a href="#${rowOf.get(group.first) ?? ''}"><b>${group.hook.name}</b></a> at <code>${group.stage.stage}</code>${stepWords(group.stage)}, ${clockOf(deployment, group.last.startedAt)}: ${group.answer.reason || group.answer.label}</p></div>`;
  const reason = deployment.statusReason ?? deployment.rollback?.reason;
  const ecs = reason !== undefined && html`<div class="why__line"><span class="tag">ECS</span><p>${reason}</p></div>`;
  return said || ecs ? html`<div class="why why--${readStatus(deployment).look}">${said}${ecs}</div>` : false;
}

function charts(deployment: DeploymentRecord, id: string, rowOf: ReadonlyMap<unknown, string>): Html {
  const compressed = compressedScale(keyMoments(deployment));
  if (compressed.breaks.length === 0)
    return html`<div class="charts">${chart(deployment, id, compressed, rowOf, 'compressed')}</div>`;
  const even = evenScale(deployment.createdAt, lastShown(deployment));
  return html`<div class="charts"><input class="pick pick--compressed" type="radio" name="${id}-scale" id="${id}-compressed" checked><label for="${id}-compressed">long waits cut short</label><input class="pick pick--even" type="radio" name="${id}-scale" id="${id}-even"><label for="${id}-even">true to scale</label>${chart(deployment, id, compressed, rowOf, 'compressed')}${chart(deployment, id, even, rowOf, 'even')}</div>`;
}

function chart(
  deployment: DeploymentRecord,
  id: string,
  scale: TimeScale,
  rowOf: ReadonlyMap<unknown, string>,
  kind: 'compressed' | 'even',
): Html {
  const of: Chart = { deployment, scale, id };
  const hooks = [...hookRows(of, rowOf), ...eventRows(of, rowOf)];
  const consumption = consumptionRows(of);
  const metrics = metricRows(of);
  const rows = [
    axisRow(of),
    flagsRow(of, rowOf),
    html`<div class="rows">${stageRows(of)}</div>`,
    hooks.length > 0 && html`<div class="rows">${hooks}</div>`,
    html`<div class="rows">${trafficRows(of)}</div>`,
    consumption.length > 0 && html`<div class="rows">${consumption}</div>`,
    metrics.length > 0 && html`<div class="rows">${metrics}</div>`,
  ];
  return html`<div class="chart chart--${kind}" role="region" tabindex="0" aria-label="${deployment.title} over time"><div class="plot" style="min-width:${leastWidth(scale)}px">${backdrop(of)}${rows}</div></div>`;
}

/** The stages as a table: what the chart shows, for those who read rather than look. */
function stageTable(deployment: DeploymentRecord): Html | false {
  if (deployment.stages.length === 0) return false;
  const rows = deployment.stages.map((stage) => {
    const took = stage.endedAt === undefined ? '–' : formatDuration(stage.endedAt - stage.startedAt);
    const back = stage.direction === 'rollback' ? ', rollback' : '';
    return html`<tr><td><code>${stage.stage}</code>${stepWords(stage)}${back}</td><td class="when">${clockOf(deployment, stage.startedAt)}</td><td>${took}</td><td>${stage.outcome}</td></tr>`;
  });
  return html`<details class="happened"><summary><h4>Stages</h4><span class="quiet">${plural(rows.length, 'row')}</span></summary><table class="stages"><thead><tr><th scope="col">stage</th><th scope="col">began</th><th scope="col">took</th><th scope="col">outcome</th></tr></thead><tbody>${rows}</tbody></table></details>`;
}
