/** The chart's look. Rows share one column of labels and one time axis; on a narrow card the labels go above. */
export const CHART_CSS = `
.charts{margin-top:20px}
.pick{position:absolute;opacity:0;pointer-events:none}
.pick+label{display:inline-block;font-size:12.5px;padding:3px 11px;border:1px solid var(--line);color:var(--soft);cursor:pointer;margin-bottom:10px}
.pick--compressed+label{border-radius:8px 0 0 8px}.pick--even+label{border-radius:0 8px 8px 0;border-left:0}
.pick:checked+label{background:var(--faint);color:var(--ink);font-weight:600}
.pick:focus-visible+label{outline:2px solid var(--link);outline-offset:2px}
.pick--compressed:checked~.chart--even,.pick--even:checked~.chart--compressed{display:none}
.chart{overflow-x:auto;overflow-y:hidden;padding:2px 10px 6px 0;--label:214px}
.plot{position:relative;padding-bottom:2px}
.backdrop{position:absolute;top:20px;bottom:0;left:var(--label);right:0}
.backdrop svg{position:absolute;inset:0}.backdrop line{stroke:var(--line);stroke-width:1}
.turning{position:absolute;top:0;bottom:0;background:var(--turning);border-left:1px dashed var(--back);print-color-adjust:exact;-webkit-print-color-adjust:exact}
.row{display:grid;grid-template-columns:var(--label) 1fr;align-items:center;position:relative}
.row__label{font-size:12.5px;line-height:1.2;padding-right:16px;display:flex;gap:8px;align-items:baseline;min-width:0}
.row__label code{font-size:11px;letter-spacing:-.01em}.row__label .quiet{font-size:11.5px}.unreached{color:var(--soft);opacity:.62}
.track{position:relative;height:22px;min-width:0}
.rows{position:relative;padding:8px 0}.rows+.rows{border-top:1px solid var(--line)}
.row--axis .track{height:20px}.row--gaps .track{height:34px}.row--axis,.row--gaps,.row--flags{align-items:start}.row--flags .row__label{padding-top:4px}
.tick{position:absolute;top:0;font:11px/1.3 var(--mono);color:var(--soft);white-space:nowrap;transform:translateX(-50%)}
.tick--start{transform:none}.tick--end{transform:translateX(-100%)}.only-narrow{display:none}
.gap{position:absolute;top:17px;transform:translateX(-50%);font-size:11px;line-height:14px;color:var(--soft);background:var(--paper);padding:0 5px;white-space:nowrap;display:flex;align-items:center;gap:4px;border-radius:4px}
.gap__sign{width:9px;height:9px;fill:none;stroke:currentColor;stroke-width:1.4}
.bar{position:absolute;top:4px;bottom:4px;min-width:4px;border-radius:3px;font-size:11px;line-height:14px;text-align:center;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.bar--forward{background:var(--stage);color:var(--on-stage)}
.bar--rollback{background:repeating-linear-gradient(135deg,var(--back) 0 2px,var(--back-pale) 2px 6px);color:var(--on-back);box-shadow:inset 0 0 0 1px var(--back)}
.bar--running{background:repeating-linear-gradient(90deg,var(--stage) 0 6px,transparent 6px 9px)}
.bar--failed,.bar--timed-out,.bar--interrupted{box-shadow:inset 0 0 0 2px var(--bad)}
.bar__words{position:relative;display:inline-block;padding:0 3px;white-space:nowrap}.bar__words--aside{position:absolute;left:0;width:50%;top:0;padding:0}.bar--rollback .bar__words{background:var(--back-pale);border-radius:3px}
.bar__sign{position:absolute;right:-7px;top:-1px;width:16px;height:16px;z-index:2}
.cut{position:absolute;top:-3px;bottom:-3px;width:5px;margin-left:-2px;background:var(--paper);transform:skewX(-18deg);box-shadow:-1px 0 0 var(--soft),1px 0 0 var(--soft)}
.row--hook .track,.row--flags .track{height:28px}.hook-name{font-weight:600;overflow-wrap:anywhere}
.rail{position:absolute;top:50%;height:4px;margin-top:-2px;border-radius:2px;background:var(--line);min-width:2px}
.rail--pause{height:12px;margin-top:-6px;background:repeating-linear-gradient(90deg,var(--wait) 0 3px,transparent 3px 6px);opacity:.6}
.mark{position:absolute;top:50%;width:18px;height:18px;margin:-9px 0 0 -9px;display:grid;place-items:center;border-radius:9px;text-decoration:none;z-index:1}
.mark .icon{width:15px;height:15px}.mark:hover,.mark:focus-visible{z-index:4;transform:scale(1.25)}
.mark__count{position:absolute;left:11px;top:-5px;font-size:9.5px;line-height:13px;padding:0 4px;border-radius:7px;background:var(--paper);border:1px solid currentColor}
.mark--many{width:auto;padding:0 8px;transform:translateX(-50%);margin-left:0;background:var(--paper);border:1px solid currentColor;font-size:11px;font-weight:600;white-space:nowrap;z-index:2}
.mark--many:hover,.mark--many:focus-visible{transform:translateX(-50%) scale(1.08)}
.dots{position:absolute;top:50%;height:5px;margin-top:-2.5px;background:radial-gradient(circle,currentColor 0 1.6px,transparent 2px) 0 50%/8px 5px repeat-x}
.row--production .track{height:56px}.row--test .track{height:34px}.row--test{margin-top:8px}
.row--production .track,.row--test .track{background:var(--faint);border-radius:4px;overflow:hidden}
.areas{position:absolute;inset:0;display:block;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.area--source{fill:var(--source)}.area--target{fill:url(#p-target)}
.share{position:absolute;transform:translate(-50%,-50%);font-size:11px;font-weight:600;line-height:14px;padding:0 4px;border-radius:3px;white-space:nowrap;pointer-events:none}
.share--source{color:var(--on-source)}.share--target{color:var(--on-target);background:var(--target)}
.row--metric .track{height:46px}.row--metric+.row--metric{margin-top:6px}
.metric{position:absolute;inset:0;background:var(--faint);border-radius:4px;overflow:hidden}
.lines{position:absolute;inset:0;display:block;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.line{fill:none;stroke-linecap:round;stroke-linejoin:round}.line--source{stroke:var(--source);stroke-width:1.4}.line--target{stroke:var(--target);stroke-width:2}
.row--metric .row__label{align-self:stretch;padding-right:7px}.top{margin-left:auto;font:10.5px/15px var(--mono);color:var(--soft)}
.row--consumer .track{height:24px;margin-bottom:6px}
.consumer{position:absolute;top:3px;bottom:3px;min-width:2px;border-radius:3px;overflow:hidden;font-size:11px;line-height:18px;text-align:center;font-weight:600;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.consumer+.consumer{border-left:1px solid var(--paper)}
.consumer--source{background:var(--source);color:var(--on-source)}.consumer--target{background:repeating-linear-gradient(135deg,var(--target) 0 5px,var(--target-line) 5px 6.6px);color:var(--on-target)}
.consumer--target .consumer__words{background:var(--target);border-radius:3px;padding:0 4px}.consumer--other{background:var(--bad);color:var(--paper)}
.consumer--none{background:none;color:var(--soft);box-shadow:inset 0 0 0 1px var(--line);font-weight:500}
.consumer__words{white-space:nowrap}
.row--strip .track{height:26px}.row--strip+.row--strip{margin-top:2px}.row--strip.row--queue{margin-top:6px}.row--strip .row__label{padding-right:7px}
.strip{position:absolute;inset:0;background:var(--faint);border-radius:4px;overflow:hidden}
.strip-name{margin-left:auto}.strip__top{position:absolute;right:3px;top:3px;padding:0 3px;border-radius:3px;background:var(--paper);font:10.5px/13px var(--mono);color:var(--soft)}
.taken--source{fill:var(--source)}.taken--target{fill:var(--target)}.taken--other,.taken--dead{fill:var(--bad)}
.spread{margin:18px 10px 4px 0}.spread figcaption{font-size:13px}
.spread__plot{position:relative;height:180px;margin:8px 0 26px;background:var(--faint);border-radius:6px}
.spread__plot svg{position:absolute;inset:0;display:block;overflow:visible}.spread__top{position:absolute;left:6px;top:3px;font:10.5px/15px var(--mono);color:var(--soft);z-index:1}
.spread__axis{position:absolute;left:0;right:0;top:100%;height:20px}.spread__tick{position:absolute;top:4px;transform:translateX(-50%);font:11px/1.3 var(--mono);color:var(--soft);white-space:nowrap}
.spread__tick:first-child{transform:none}
.grid{stroke:var(--line);stroke-width:1;fill:none}.curve{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.curve--source{stroke:var(--source)}.curve--target{stroke:var(--target)}.curve--plain{stroke:var(--stage)}
.spread__legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 24px;font-size:13px}.spread__legend li{display:flex;align-items:center;gap:6px}
.spread__key{width:14px;height:3px;border-radius:2px;background:var(--stage);print-color-adjust:exact;-webkit-print-color-adjust:exact}.spread__key--source{background:var(--source)}.spread__key--target{background:var(--target)}
.none{position:absolute;left:8px;top:50%;transform:translateY(-50%);font-size:11.5px;color:var(--soft)}
.tip{position:fixed;z-index:20;max-width:min(400px,calc(100vw - 16px));background:var(--ink);color:var(--paper);border-radius:9px;padding:9px 12px;font-size:12.5px;line-height:1.45;display:grid;gap:2px;box-shadow:0 6px 24px rgba(0,0,0,.22);pointer-events:none;overflow-wrap:anywhere}
.tip[hidden]{display:none}
@media screen{@container (max-width:1000px){.only-wide,.bar__words{display:none}.only-narrow{display:block}}
@container (max-width:720px){.chart{--label:0px;padding:2px 9px 6px;margin:0 -9px}.row{grid-template-columns:minmax(0,1fr)}.row__label{padding:5px 0 1px;position:sticky;left:0;justify-self:start}.rows{padding:4px 0 10px}
.row--axis .row__label,.row--gaps .row__label,.row--flags .row__label{display:none}.backdrop svg{display:none}
.row--stage .track{height:18px}.row--stage .row__label{padding-top:3px}.bar{top:2px;bottom:4px;line-height:12px}.share{display:none}.bar__sign{width:14px;height:14px}
.spread__tick:first-child{display:none}.mark .icon{width:13px;height:13px}}}
@media print{.chart{--label:172px;overflow:visible}.row__label code{font-size:9.5px}.only-wide{display:none}.only-narrow{display:block}.bar__words{display:none}.track{height:19px}.mark .icon{width:12px;height:12px}}
`;
