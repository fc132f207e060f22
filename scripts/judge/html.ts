/** The judgement as one HTML file: nothing is loaded or run, the same input gives the same bytes. */
import type { JudgeInput, Metric } from '../../hooks/canary/judge/input.ts';
import type { Judgement, MetricResult } from '../../hooks/canary/judge/result.ts';
import { chance, factor, percent as share } from '../../hooks/canary/judge/text.ts';
import { formatPercent, formatUtc } from '../../simulator/report/format.ts';
import { CHART_CSS } from '../../simulator/report/html/css-chart.ts';
import { PAGE_CSS } from '../../simulator/report/html/css-page.ts';
import { DEFINITIONS, icon } from '../../simulator/report/html/icons.ts';
import { type Html, html, trusted } from '../../simulator/report/html/markup.ts';
import { JUDGE_CSS } from './css.ts';
import { pictureOf } from './lines.ts';
import { chart } from './svg.ts';

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const LOOKS: Readonly<Record<MetricResult['verdict'] | 'wait', { badge: string; icon: string }>> = {
  pass: { badge: 'good', icon: 'succeeded' },
  fail: { badge: 'bad', icon: 'failed' },
  wait: { badge: 'open', icon: 'waiting' },
  inconclusive: { badge: 'open', icon: 'open' },
  nodata: { badge: 'open', icon: 'open' },
  error: { badge: 'bad', icon: 'error' },
  muted: { badge: 'plain', icon: 'pause' },
};

/** Draws the judgement of this very input. */
export function renderHtml(input: JudgeInput, judgement: Judgement): string {
  const { decision, verdict, sentence } = judgement;
  const words = verdict === decision ? decision : `${decision} (${verdict})`;
  const cards = judgement.metrics.map((result, index) => {
    const metric = input.metrics[index];
    return metric !== undefined && card(input, judgement, metric, result);
  });
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${words} – canary judgement</title>
<style>${trusted(PAGE_CSS)}${trusted(CHART_CSS)}${trusted(JUDGE_CSS)}</style>
</head>
<body>
${DEFINITIONS}
<main>
<h1 class="eyebrow">Canary, judged from a recording</h1>
<section class="play">
<header class="play__head"><div><h2>${words}</h2><p class="lead">${sentence}</p></div>${badge(decision, decision, 'badge--big')}</header>
${facts(judgement)}
${cards}
</section>
<footer>${legend()}<p class="quiet">All times are in UTC. A value stands for its whole minute.</p></footer>
</main>
</body>
</html>
`.markup;
}

function badge(look: keyof typeof LOOKS, words: string, more = ''): Html {
  const { badge: kind, icon: name } = LOOKS[look];
  return html`<span class="badge badge--${kind} ${more}">${icon(name)}${words}</span>`;
}

function facts({ look, window, sampleRatio, score }: Judgement): Html {
  const rows: [string, string][] = [
    ['look', `${look.number} of ${Math.max(look.of, look.number)}`],
    ['judged from', formatUtc(window.from)],
    ['to', formatUtc(window.to)],
    ['next look', look.next === null ? 'none' : formatUtc(look.next)],
  ];
  if (sampleRatio)
    rows.push([
      'traffic',
      `${share(sampleRatio.observed)} of ${share(sampleRatio.expected)} expected, p=${chance(sampleRatio.p)}`,
    ]);
  if (score !== null) rows.push(['score', String(Math.round(score))]);
  return pairs(rows);
}

function pairs(rows: readonly (readonly [string, string])[]): Html {
  return html`<dl class="facts">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function card(input: JudgeInput, { window }: Judgement, metric: Metric, result: MetricResult): Html {
  const picture = pictureOf(metric, input);
  const empty = picture.green.size + picture.blue.size === 0;
  const muted = result.verdict === 'muted' ? `muted: ${result.judged}` : result.verdict;
  return html`<article class="card"><header class="card__head"><div><h3>${result.title}</h3><p class="quiet">${kindOf(metric)}${!result.critical && ', reported only'}</p></div>${badge(result.verdict, muted)}</header>
<p class="why said">${result.sentence}</p>
${empty ? html`<p class="quiet empty">There is no point to draw.</p>` : chart(input, picture, window, result.title)}
${numbers(result, picture.write)}
${result.query !== null && html`<p class="quiet"><code>${result.query}</code></p>`}</article>`;
}

function kindOf(metric: Metric): string {
  return metric.kind === 'count' ? 'events among requests' : metric.statistic;
}

function numbers(result: MetricResult, write: (value: number) => string): Html | false {
  const { canary, baseline, effect, test, detectable, kind } = result;
  if (effect === null || test === null) return false;
  const side = ({ events, requests, value, minutes }: typeof canary) => {
    const counted = events === null || requests === null ? '' : `${Math.round(events)} of ${Math.round(requests)}, `;
    return `${counted}${value === null ? 'unknown' : write(value)} in ${minutes} minutes`;
  };
  const bound = (value: number | null, none: string) =>
    value === null ? none : effect.measure === 'difference' ? write(value) : factor(value);
  const seen = detectable && (kind === 'count' ? share(detectable.value) : factor(detectable.value));
  return pairs([
    ['green', side(canary)],
    ['blue', side(baseline)],
    [
      `${effect.measure}, ${formatPercent(effect.confidence * 100)} interval`,
      `${bound(effect.value, 'unknown')} [${bound(effect.lower, effect.measure === 'difference' ? '-∞' : '0')}, ${bound(effect.upper, '∞')}]`,
    ],
    [test.name, `p=${chance(test.p)}, significant at ${chance(test.threshold)}${since(test.crossedAt)}`],
    ['could have seen', seen ?? 'nothing'],
  ]);
}

function since(look: number | null): string {
  return look === null ? ', not crossed' : `, crossed at look ${look}`;
}

function legend(): Html {
  const item = (name: string, words: string): Html => html`<li><i class="key ${name}"></i>${words}</li>`;
  return html`<ul class="legend" aria-label="Legend">${[
    item('swatch--target', 'green, the new revision'),
    item('swatch--source', 'blue, the old one'),
    item('key--counted', 'judged'),
    item('key--warm-up', 'warm-up, left out'),
  ]}</ul>`;
}
