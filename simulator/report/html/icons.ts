/** The shapes: each outcome has its own, so that colour is never the only sign. */
import type { NoteRecord } from '../../record.ts';
import type { Look, Verdict } from '../model.ts';
import { type Html, html, trusted } from './markup.ts';

const STROKE = 'fill="none" stroke="var(--paper)" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"';

/** All symbols (16 by 16) and patterns, once per page. Not `display:none`: patterns would then not paint. */
export const DEFINITIONS =
  trusted(`<svg width="0" height="0" style="position:absolute" aria-hidden="true" focusable="false"><defs>
<symbol id="i-succeeded" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="currentColor"/><path d="M4.8 8.3l2.2 2.2 4.2-4.6" ${STROKE}/></symbol>
<symbol id="i-failed" viewBox="0 0 16 16"><rect x="1.5" y="1.5" width="13" height="13" rx="2" fill="currentColor"/><path d="M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6" ${STROKE}/></symbol>
<symbol id="i-waiting" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.6" fill="var(--paper)" stroke="currentColor" stroke-width="2"/><circle cx="8" cy="8" r="1.7" fill="currentColor"/></symbol>
<symbol id="i-error" viewBox="0 0 16 16"><path d="M8 1.2l7 13.3H1z" fill="currentColor" stroke="currentColor" stroke-linejoin="round"/><path d="M8 6v4M8 12.2v.1" ${STROKE}/></symbol>
<symbol id="i-back" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="currentColor"/><path d="M5 6.8h4.1a2.2 2.2 0 010 4.4H6.4M6.9 4.7L4.8 6.8l2.1 2.1" ${STROKE}/></symbol>
<symbol id="i-open" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="3.2 2.2"/></symbol>
<symbol id="i-flag" viewBox="0 0 16 16"><path d="M4 15V1.5h8.6L10.4 5l2.2 3.5H4" fill="currentColor" stroke="currentColor" stroke-width="1.4" stroke-linejoin="round"/></symbol>
<symbol id="i-bell" viewBox="0 0 16 16"><path d="M8 1.4a4.3 4.3 0 014.3 4.3c0 3.3 1.2 4.6 2 5.3H1.7c.8-.7 2-2 2-5.3A4.3 4.3 0 018 1.4zM6.2 12.6h3.6a1.8 1.8 0 01-3.6 0z" fill="currentColor"/></symbol>
<symbol id="i-stop" viewBox="0 0 16 16"><path d="M5 1.3h6L14.7 5v6L11 14.7H5L1.3 11V5z" fill="currentColor"/><path d="M5 8h6" ${STROKE}/></symbol>
<symbol id="i-pause" viewBox="0 0 16 16"><rect x="3" y="2" width="3.6" height="12" rx="1" fill="currentColor"/><rect x="9.4" y="2" width="3.6" height="12" rx="1" fill="currentColor"/></symbol>
<symbol id="i-event" viewBox="0 0 16 16"><circle cx="8" cy="8" r="3.4" fill="currentColor"/></symbol>
<symbol id="i-fault" viewBox="0 0 16 16"><path d="M9.6 1L3 9.2h4.2L6 15l7-8.6H8.7z" fill="currentColor"/></symbol>
<pattern id="p-target" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="7" height="7" fill="var(--target)"/><rect width="1.6" height="7" fill="var(--target-line)"/></pattern>
</defs></svg>`);

export function icon(name: string, className = ''): Html {
  return html`<svg class="icon ${className}" aria-hidden="true" focusable="false"><use href="#i-${name}"/></svg>`;
}

export function answerIcon(look: Look): Html {
  return icon(look, `tone-${look}`);
}

export const NOTE_ICON: Readonly<Record<NoteRecord['kind'], { name: string; tone: string; words: string }>> = {
  action: { name: 'flag', tone: 'note', words: 'action' },
  alarm: { name: 'bell', tone: 'failed', words: 'alarm' },
  stop: { name: 'stop', tone: 'failed', words: 'stop' },
  pause: { name: 'pause', tone: 'waiting', words: 'pause' },
  'service-event': { name: 'event', tone: 'muted', words: 'service event' },
  rollback: { name: 'back', tone: 'back', words: 'rollback' },
  fault: { name: 'fault', tone: 'error', words: 'fault' },
};

const STATUS_ICON: Readonly<Record<Verdict['look'], string>> = {
  good: 'succeeded',
  back: 'back',
  bad: 'failed',
  open: 'open',
};

export function statusBadge(verdict: Verdict): Html {
  return html`<span class="badge badge--${verdict.look}">${icon(STATUS_ICON[verdict.look])}${verdict.words}</span>`;
}
