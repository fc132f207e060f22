/** The chart of one metric: stairs of green over blue, on the minutes that were judged. */
import { type JudgeInput, MINUTE } from '../../hooks/canary/judge/input.ts';
import { type Html, html, percent } from '../../simulator/report/html/markup.ts';
import { type Picture, valueIn, type Zone, zoneOf } from './lines.ts';
import { clockOf } from './time.ts';

export function chart(input: JudgeInput, picture: Picture, window: { to: number }, title: string): Html {
  const place = (at: number) => ((at - picture.from) / (picture.to - picture.from)) * 100;
  const words = `${title}: ${picture.write(picture.least)} to ${picture.write(picture.most)}`;
  const bands = bandsOf(picture, zoneOf(input, window.to)).map(
    ({ zone, from, to }) =>
      html`<div class="band band--${zone}" style="left:${percent(place(from))};width:${percent(place(to) - place(from))}"></div>`,
  );
  const line = (kind: string, values: Picture['green']) =>
    html`<path class="line line--${kind}" vector-effect="non-scaling-stroke" d="${stairs(picture, values, place)}"/>`;
  return html`<div class="minutes"><div class="minutes__top"><span>${picture.write(picture.most)}</span></div>
<div class="minutes__plot">${bands}<div class="shift" style="left:${percent(place(input.plan.from))}"></div><svg class="lines" viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%" role="img" aria-label="${words}">${line('source', picture.blue)}${line('target', picture.green)}</svg></div>
<div class="minutes__foot"><span>${clockOf(picture.from)}</span><span>${picture.write(picture.least)} at the foot; green from ${clockOf(input.plan.from)}</span><span>${clockOf(picture.to)}</span></div></div>`;
}

function bandsOf({ from, to }: Picture, zone: (minute: number) => Zone): { zone: Zone; from: number; to: number }[] {
  const bands: { zone: Zone; from: number; to: number }[] = [];
  for (let at = from; at < to; at += MINUTE) {
    const here = zone(at);
    const open = bands.at(-1);
    if (open?.zone === here) open.to = at + MINUTE;
    else bands.push({ zone: here, from: at, to: at + MINUTE });
  }
  return bands.filter((band) => band.zone === 'counted' || band.zone === 'warm-up');
}

/** They break where a minute was not measured. */
function stairs({ from, to, least, most }: Picture, line: Picture['green'], place: (at: number) => number): string {
  const height = most > least ? most - least : 1;
  let path = '';
  let pen = 'M';
  for (let at = from; at < to; at += MINUTE) {
    const value = valueIn(line, at, at + MINUTE);
    if (value !== undefined)
      path += `${pen}${short(place(at))} ${short(96 - ((value - least) / height) * 92)}H${short(place(at + MINUTE))}`;
    pen = value === undefined ? 'M' : 'L';
  }
  return path;
}

function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}
