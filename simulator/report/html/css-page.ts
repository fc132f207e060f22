/** The page's look: palette for light and dark, type, tables, print. */
export const PAGE_CSS = `
:root{color-scheme:light dark;
--ground:#f4f5f8;--paper:#fff;--ink:#18212d;--soft:#5b6676;--line:#e3e7ed;--faint:#f3f5f8;--link:#2a5cc0;
--source:#3b6fd4;--on-source:#fff;--target:#1f8f67;--target-line:#177353;--on-target:#fff;
--stage:#5f6e83;--on-stage:#fff;--back:#b4570a;--back-pale:#f4d9bd;--on-back:#5f2d04;--turning:rgba(214,120,30,.08);
--good:#167a4b;--good-pale:#e3f4ea;--bad:#c0321f;--bad-pale:#fbe7e3;--wait:#9a6700;--error:#7a3fc4;--open:#4a5a70;--open-pale:#e9edf2;--back-wash:#fbf0e2;
--shadow:0 1px 2px rgba(20,30,50,.05),0 4px 16px rgba(20,30,50,.05);
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{
--ground:#0e131a;--paper:#171e27;--ink:#e5eaf1;--soft:#98a4b4;--line:#2a333f;--faint:#1c242f;--link:#8db4ff;
--source:#5b8def;--on-source:#08142b;--target:#3dbb8b;--target-line:#2f9c73;--on-target:#04231a;
--stage:#8a99ad;--on-stage:#10161e;--back:#e39a4d;--back-pale:#54391c;--on-back:#fbe3c8;--turning:rgba(227,154,77,.09);
--good:#57cf91;--good-pale:#16342a;--bad:#ff8b78;--bad-pale:#3b201d;--wait:#e2b34a;--error:#bd93f5;--open:#a9b6c7;--open-pale:#26303c;--back-wash:#2f2518;
--shadow:0 1px 2px rgba(0,0,0,.4)}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:24px}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 var(--sans);-webkit-font-smoothing:antialiased}
main{max-width:1320px;margin:0 auto;padding:40px 32px 56px}
h1,h2,h3,h4,p,dl,dd,ul,ol{margin:0;padding:0}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:2px}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:4px}
code,pre,time{font-family:var(--mono);font-size:.86em}
.quiet{color:var(--soft);font-size:13px}
.icon{width:16px;height:16px;flex:none;display:block}
.tone-succeeded{color:var(--good)}.tone-failed{color:var(--bad)}.tone-waiting{color:var(--wait)}.tone-error{color:var(--error)}.tone-back{color:var(--back)}.tone-note{color:var(--ink)}.tone-muted{color:var(--soft)}
.eyebrow{font-size:12px;font-weight:600;letter-spacing:.08em;text-transform:uppercase;color:var(--soft)}
.contents{list-style:none;margin:14px 0 36px;display:grid;gap:4px}.contents li{display:flex;align-items:center;gap:8px}
.play{margin-top:6px}.play+.play{margin-top:56px;padding-top:40px;border-top:1px solid var(--line)}
.play__head{display:flex;justify-content:space-between;align-items:flex-start;gap:24px;margin-bottom:24px}
h2{font-size:30px;line-height:1.2;letter-spacing:-.015em;font-weight:680;overflow-wrap:anywhere}
.lead{font-size:16px;margin:8px 0 4px;max-width:72ch;overflow-wrap:anywhere}
h3{font-size:19px;line-height:1.3;letter-spacing:-.008em;overflow-wrap:anywhere}
h4{font-size:14px;display:inline}
.badges{display:flex;gap:6px;flex-wrap:wrap}
.badge{display:inline-flex;align-items:center;gap:6px;padding:3px 10px 3px 7px;border-radius:99px;font-size:13px;font-weight:600;white-space:nowrap;background:var(--open-pale);color:var(--open)}
.badge .icon{width:14px;height:14px}
.badge--good{background:var(--good-pale);color:var(--good)}.badge--bad{background:var(--bad-pale);color:var(--bad)}.badge--back{background:var(--back-wash);color:var(--back)}
.badge--plain{background:none;border:1px solid var(--line);color:var(--soft);font-weight:500;padding:2px 10px}
.badge--big{font-size:15px;padding:7px 16px 7px 11px}.badge--big .icon{width:18px;height:18px}
.card,.overview,.readings{background:var(--paper);border:1px solid var(--line);border-radius:14px;box-shadow:var(--shadow)}
.card{padding:24px 28px 20px;margin-top:24px;container-type:inline-size}
.card__head{display:flex;justify-content:space-between;align-items:flex-start;gap:16px}
.empty{margin-top:16px}
.facts{display:flex;flex-wrap:wrap;gap:10px 32px;margin-top:14px}
.facts dt{font-size:12px;color:var(--soft)}.facts dd{font-size:14px;display:flex;align-items:center;gap:8px;overflow-wrap:anywhere}
.revision{display:inline-flex;align-items:center;gap:6px;font-weight:600}.arrow{color:var(--soft)}
.swatch{width:12px;height:12px;border-radius:3px;display:inline-block;flex:none;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.swatch--source{background:var(--source)}
.swatch--target{background:repeating-linear-gradient(135deg,var(--target) 0 3px,var(--target-line) 3px 4px)}
.why{margin-top:16px;padding:11px 14px;border-radius:10px;background:var(--faint);border-left:3px solid var(--soft);font-size:14px}
.why--bad{border-color:var(--bad)}.why--back{border-color:var(--back)}.why--good{border-color:var(--good)}
.why ul{padding-left:20px}
.why p,.why li,.said{overflow-wrap:anywhere;unicode-bidi:plaintext;text-align:left}
.why__line{display:grid;grid-template-columns:30px 1fr;align-items:start}.why__line+.why__line{margin-top:6px;color:var(--soft);font-size:13px}
.why__line .icon{margin-top:3px}
.tag{font-size:10px;font-weight:700;letter-spacing:.04em;margin-top:3px}
table{border-collapse:collapse;width:100%;font-size:14px}
th{text-align:left;font-size:12px;font-weight:500;color:var(--soft);padding:6px 16px 6px 0;white-space:nowrap}
td{padding:9px 16px 9px 0;border-top:1px solid var(--line);vertical-align:top}
.when{font-family:var(--mono);font-size:12px;white-space:nowrap;line-height:1.75}
.when span{display:block}.when i{display:none;font-style:normal}
.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.overview{display:block;padding:10px 28px 12px;overflow-x:auto}.overview thead,.overview tbody{width:100%}
.overview tr:first-child td{border-top:1px solid var(--line)}.overview td:last-child,.overview th:last-child{width:42%;padding-right:0}.overview .badges{flex-wrap:nowrap}.overview .reason{color:var(--soft);overflow-wrap:anywhere;min-width:260px}.overview td:first-child{min-width:190px}
.overview .number+.number{padding-right:28px}
details>summary{cursor:pointer;list-style:none}details>summary::-webkit-details-marker{display:none}
details>summary::before{content:"";display:inline-block;width:6px;height:6px;border:solid var(--soft);border-width:0 1.5px 1.5px 0;transform:rotate(-45deg);margin-right:9px;vertical-align:2px}
details[open]>summary::before{transform:rotate(45deg)}
.happened{margin-top:14px;border-top:1px solid var(--line);padding-top:12px}.happened>summary .quiet{margin-left:8px}
.happened>table{margin-top:6px}.stages{max-width:760px}
.events{table-layout:fixed}.events th:nth-child(1){width:102px}.events th:nth-child(2){width:12%}.events th:nth-child(3){width:22%}.events th:nth-child(4){width:168px}.events .stage .quiet{white-space:nowrap}.events code{overflow-wrap:anywhere;font-size:11.5px}.events td:last-child{padding-right:0}.events .stage code{overflow-wrap:normal}.events b{overflow-wrap:anywhere}
.answer{display:inline-flex;gap:7px;align-items:flex-start;font-size:13px}.answer .icon{margin-top:2px;width:15px;height:15px}.times{white-space:nowrap;font-weight:600}
.event td{background:var(--faint)}.event td:first-child{border-radius:6px 0 0 6px;padding-left:8px}.event td:last-child{border-radius:0 6px 6px 0}
.events td.when{padding-left:8px}.events th:first-child{padding-left:8px}
tr:target td{background:color-mix(in srgb,var(--link) 13%,transparent)}
.more{margin-top:2px;font-size:12.5px;color:var(--soft)}.more>summary{display:inline-block}
.more dl{margin:6px 0 4px}.more dt{margin-top:8px;font-weight:600}.more pre{margin:4px 0 0;padding:10px 12px;background:var(--faint);border-radius:8px;overflow:auto;max-height:260px;line-height:1.45;color:var(--ink)}
.looks{margin:6px 0 0;padding-left:0;list-style-position:inside;line-height:1.7}.looks time{margin-right:6px}.between{list-style:none;padding-left:22px}
.readings{margin-top:24px;padding:20px 28px}.readings dl{margin-top:10px}.readings dl div{display:grid;grid-template-columns:minmax(200px,26%) 1fr;gap:16px;padding:7px 0;border-top:1px solid var(--line);font-size:14px}.readings dt{font-family:var(--mono);font-size:12.5px;overflow-wrap:anywhere}.readings dd{overflow-wrap:anywhere}
footer{margin-top:32px}.legend{list-style:none;display:flex;flex-wrap:wrap;gap:8px 22px;font-size:13px;color:var(--soft);margin-bottom:10px}.legend li{display:flex;align-items:center;gap:7px}.key{width:22px;height:11px;border-radius:3px;display:inline-block}
@media screen and (max-width:760px){main{padding:24px 14px 40px}h2{font-size:24px}.play__head{flex-direction:column;gap:14px}.card{padding:18px 16px 14px}.card__head{flex-direction:column;gap:8px}.facts{gap:8px 24px}
.overview{padding:4px 16px}.overview thead,.events thead{display:none}.overview tbody,.overview tr,.overview td,.events,.events tbody,.events tr,.events td{display:block;width:auto!important;min-width:0!important;border:0;padding:1px 0;text-align:left}
.overview tr,.events tr{padding:10px 0;border-top:1px solid var(--line)}.overview tr:first-child,.events tr:first-child{border-top:0}.overview tr:first-child td{border:0}
.overview .number{display:inline-block;padding-right:14px;color:var(--soft);font-size:13px}.overview td:first-child{font-weight:600}.overview td{margin-bottom:3px}
.events tr{padding:10px 8px}.events td.when{padding-left:0}.when span,.when i{display:inline}.none-said{display:none!important}.event{background:var(--faint);border-radius:8px}.event td:first-child{padding-left:0}
.readings{padding:16px}.readings dl div{grid-template-columns:1fr;gap:0}}
@page{margin:12mm}
@media print{:root{color-scheme:light}body{background:#fff;font-size:11px}main{max-width:none;padding:0}h2{font-size:22px}h3{font-size:15px}
.card,.overview,.readings{box-shadow:none;padding:12px 14px}.card{margin-top:12px}.overview~.card{break-before:page}.card__head,.why,tr,.chart{break-inside:avoid}
table,.why,.facts dd,.said{font-size:11px}td{padding-top:4px;padding-bottom:4px}.events .quiet,.more{font-size:10px}.overview td:first-child{min-width:120px}.overview .reason{min-width:0}.events th:nth-child(4){width:132px}.answer,.why__line+.why__line{font-size:11px}.events th:nth-child(1){width:80px}.when{font-size:10px}
.pick,.pick+label,.chart--even{display:none!important}.chart--compressed{display:block!important}.more>summary::before{display:none}}
`;
