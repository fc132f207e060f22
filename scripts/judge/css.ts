/** What the judgement's page adds to the look of the reports: the chart's frame and its bands. */
export const JUDGE_CSS = `
.minutes{margin:18px 0 4px}.minutes__plot{position:relative;height:150px;background:var(--faint);border-radius:4px;overflow:hidden}
.minutes__top,.minutes__foot{display:flex;justify-content:space-between;font:11px/18px var(--mono);color:var(--soft)}
.band{position:absolute;top:0;bottom:0;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.band--counted,.key--counted{background:color-mix(in srgb,var(--link) 9%,transparent);border-bottom:3px solid var(--link)}
.band--warm-up,.key--warm-up{background:repeating-linear-gradient(135deg,var(--line) 0 2px,transparent 2px 6px)}
.shift{position:absolute;top:0;bottom:0;border-left:1px dashed var(--back)}
`;
