/** The report as one HTML file: nothing is loaded, the same record gives the same bytes. */
import { createHash } from 'node:crypto';
import type { PlayRecord } from '../record.ts';
import { CHART_CSS } from './html/css-chart.ts';
import { PAGE_CSS } from './html/css-page.ts';
import { DEFINITIONS, icon } from './html/icons.ts';
import { type Html, html, trusted } from './html/markup.ts';
import { legend, section } from './html/page.ts';
import { SCRIPT } from './html/script.ts';

// Whatever slipped past the escaping would still not run: only this very script may.
const SCRIPT_HASH = createHash('sha256').update(SCRIPT).digest('base64');
const POLICY = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${SCRIPT_HASH}'; base-uri 'none'; form-action 'none'`;

/** Draws one play, or several on one page. */
export function renderHtml(record: PlayRecord | readonly PlayRecord[]): string {
  const records = isList(record) ? record : [record];
  const [only] = records;
  const title = records.length === 1 && only ? only.scenario : `${records.length} scenarios`;
  const sections = records.map((each, index) => section(each, `p${index + 1}`));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – ECS deployment report</title>
<style>${trusted(PAGE_CSS)}${trusted(CHART_CSS)}</style>
</head>
<body>
${DEFINITIONS}
<main>
<h1 class="eyebrow">Amazon ECS deployments, simulated</h1>
${records.length > 1 && contents(records)}
${sections}
<footer>${legend()}<p class="quiet">All times are simulated. They count from the creation of the service deployment.</p></footer>
</main>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`.markup;
}

function isList(record: PlayRecord | readonly PlayRecord[]): record is readonly PlayRecord[] {
  return Array.isArray(record);
}

function contents(records: readonly PlayRecord[]): Html {
  const items = records.map((record, index) => {
    const { expectation } = record;
    const sign =
      expectation && icon(expectation.met ? 'succeeded' : 'failed', expectation.met ? 'tone-succeeded' : 'tone-failed');
    const words = expectation && (expectation.met ? 'as expected' : 'not as expected');
    return html`<li>${sign}<a href="#p${index + 1}">${record.scenario}</a> <span class="quiet">${words}</span></li>`;
  });
  return html`<nav aria-label="Scenarios"><ol class="contents">${items}</ol></nav>`;
}
