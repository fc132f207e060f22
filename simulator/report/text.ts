/** A finished play as still text: what a log shows. */
import type { PlayRecord } from '../record.ts';
import { renderSummary } from './summary.ts';
import { Timeline } from './timeline.ts';
import { eventsOf } from './timeline-event.ts';

/**
 * The timeline of each deployment, then the summary.
 * @param options columns to fill (100), and whether to colour (no)
 */
export function renderText(record: PlayRecord, options: { width?: number; color?: boolean } = {}): string {
  const { width = 100, color = false } = options;
  let text = '';
  const sink = {
    write(piece: string): void {
      text += piece;
    },
  };
  const timeline = new Timeline(sink, { width, color, tty: false });
  for (const event of eventsOf(record)) timeline.on(event);
  timeline.close();
  const gap = text === '' || text.endsWith('\n\n') ? '' : '\n';
  return text + gap + renderSummary([record], { width, color });
}
