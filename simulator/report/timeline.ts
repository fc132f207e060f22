/** The timeline in the terminal: alive where lines may be written over, otherwise a still text for logs and snapshots. */
import type {
  ConsumerPoint,
  DeploymentRecord,
  EventInvocationRecord,
  HookRunRecord,
  StageRecord,
  WeightPoint,
} from '../record.ts';
import { formatClock, formatDuration, plural } from './format.ts';
import {
  type Answer,
  consumerKind,
  consumerName,
  countInvocations,
  readAnswer,
  readStatus,
  saysTheSame,
} from './model.ts';
import { type Paint, painter, type TimelineOptions } from './terminal/paint.ts';
import { ANSWER, CONSUMER, NOTE, STATUS, stageLabel, stageRail, weightBar } from './terminal/pieces.ts';
import { beginPlaying, eventWords, nameOf, type Playing, type Wait, waitWords } from './terminal/playing.ts';
import { columns, hangingWrap, pad, plain, truncate, wrap } from './terminal/text.ts';
import type { TimelineEvent } from './timeline-event.ts';

/** As much of a writable stream as the timeline needs. */
export interface TextSink {
  write(text: string): unknown;
}

/** Where the words begin: after the clock (`+00:00:00`) and two spaces. */
const INDENT = 11;

/** Tells a play line by line while it goes on. */
export class Timeline {
  readonly #sink: TextSink;
  readonly #options: TimelineOptions;
  readonly #paint: Paint;
  /** Repeated waits not yet told for good, by hook run. */
  readonly #waits = new Map<HookRunRecord, Wait>();
  readonly #known = new Map<string, Playing>();
  #playing: Playing | undefined;
  #lastLine = '';
  #footerLines = 0;

  constructor(sink: TextSink, options: TimelineOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#paint = painter(options.color);
  }

  /** Tells one happening. Events of one deployment come in order of time, one deployment after another. */
  on(event: TimelineEvent): void {
    this.#clearFooter();
    const playing = this.#turnTo(event.deployment);
    playing.now = event.at;
    this.#tell(event, playing);
    if (event.kind === 'finished') playing.over = true;
    if (!playing.over) this.#drawFooter(playing);
  }

  /** Writes a text of somebody else's above the live part. */
  say(text: string): void {
    this.#clearFooter();
    this.#flushWaits();
    this.#sink.write(`${text}\n`);
    if (this.#playing !== undefined && !this.#playing.over) this.#drawFooter(this.#playing);
  }

  /** Takes the live part off the screen and tells what was held back. Call it when the play ends early. */
  close(): void {
    this.#clearFooter();
    this.#flushWaits();
  }

  #tell(event: TimelineEvent, playing: Playing): void {
    switch (event.kind) {
      case 'started':
        break;
      case 'stage-started':
        this.#stageStarted(event.stage, playing);
        break;
      case 'stage-ended':
        this.#stageEnded(event.stage, playing);
        break;
      case 'hook-started':
        this.#hookStarted(event.hook);
        break;
      case 'hook-ended':
        this.#hookEnded(event.hook);
        break;
      case 'invocation':
        this.#invocation(event.hook, readAnswer(event.invocation.outcome));
        break;
      case 'weights':
        this.#weights(event.point, playing);
        break;
      case 'note':
        this.#note(event, playing);
        break;
      case 'event-invocation':
        this.#eventInvocation(event.invocation);
        break;
      case 'consumer':
        this.#consumer(event.point, playing);
        break;
      case 'finished':
        this.#finished(playing);
        break;
    }
  }

  /** The deployment that is told from here on, under its own heading. */
  #turnTo(deployment: DeploymentRecord): Playing {
    const { deploymentArn } = deployment;
    if (this.#playing?.deployment.deploymentArn === deploymentArn) return this.#playing;
    this.#flushWaits();
    // What happens after the end of a deployment stands below its last, empty line.
    if (this.#playing?.over === true && this.#lastLine !== '') this.#line('');
    const playing = this.#known.get(deploymentArn) ?? beginPlaying(deployment);
    this.#known.set(deploymentArn, playing);
    this.#playing = playing;
    this.#heading(deployment);
    return playing;
  }

  #heading(deployment: DeploymentRecord): void {
    const paint = this.#paint;
    const title = truncate(plain(deployment.title), this.#options.width - 6);
    const rule = '━'.repeat(Math.max(2, this.#options.width - columns(title) - 4));
    this.#line(`${paint('dim', '━━')} ${paint('bold', title)} ${paint('dim', rule)}`);
    const source = deployment.source ? plain(deployment.source.name) : 'first deployment';
    const where = `${plain(deployment.cluster)}/${plain(deployment.service)}`;
    const what = `   ${where}  ${deployment.strategy}  ${source} → ${plain(deployment.target.name)}`;
    this.#line(truncate(what, this.#options.width));
    this.#line(paint('dim', `   service deployment ${plain(deployment.deploymentId)}`));
    this.#line('');
  }

  #stageStarted(stage: StageRecord, playing: Playing): void {
    this.#flushWaits();
    if (stage.direction === 'rollback' && playing.rollbackTold === undefined) this.#rollbackBegins(playing);
    playing.running = stage;
    const label = stageLabel(stage) + (stage.direction === 'rollback' ? ' (rollback)' : '');
    this.#say(stage.startedAt, this.#paint('stage', label), '', label);
  }

  #rollbackBegins(playing: Playing): void {
    playing.rollbackTold = plain(playing.deployment.rollback?.reason ?? '');
    const words = '↺ rolling back';
    this.#say(playing.now, this.#paint('wait', words), playing.rollbackTold, words);
  }

  #stageEnded(stage: StageRecord, playing: Playing): void {
    this.#flushWaits();
    playing.running = undefined;
    if (stage.outcome === 'completed') {
      playing.done.add(stage.stage);
      return;
    }
    playing.failed.add(stage.stage);
    const words = `✗ ${stageLabel(stage)}`;
    const took = formatDuration((stage.endedAt ?? playing.now) - stage.startedAt);
    this.#say(playing.now, this.#paint('bad', words), `${stage.outcome.replace('-', ' ')} after ${took}`, words, ' ');
  }

  #hookStarted(hook: HookRunRecord): void {
    if (hook.targetType !== 'PAUSE') return;
    const words = `  ‖ ${nameOf(hook)} awaits action`;
    const until = this.#playing ? formatClock(hook.expiresAt - this.#playing.deployment.createdAt) : '';
    this.#say(hook.startedAt, this.#paint('wait', words), `until ${until}, then ${hook.timeoutAction}`, words);
  }

  /** A final answer has been told by its invocation; what ends otherwise is told here. */
  #hookEnded(hook: HookRunRecord): void {
    if (hook.targetType !== 'PAUSE' && hook.status !== 'TIMED_OUT') return;
    this.#flushWaits();
    const good = hook.status === 'SUCCEEDED';
    const words = `  ${good ? '✓' : '✗'} ${nameOf(hook)} ${hook.status}`;
    const why = hook.status === 'TIMED_OUT' ? `timeout action ${hook.timeoutAction}` : '';
    this.#say(hook.endedAt ?? hook.expiresAt, this.#paint(good ? 'good' : 'bad', words), why, words);
  }

  #invocation(hook: HookRunRecord, answer: Answer): void {
    const now = this.#playing?.now ?? hook.startedAt;
    const wait = this.#waits.get(hook);
    if (answer.look === 'waiting') {
      if (wait && saysTheSame(wait.answer, answer)) {
        wait.looks += 1;
        wait.answer = answer;
        return;
      }
      if (wait) this.#flushWaits();
      this.#waits.set(hook, { hook, since: now, looks: 1, answer });
      return;
    }
    this.#flushWaits();
    const { sign, ink } = ANSWER[answer.look];
    const words = `  ${sign} ${nameOf(hook)} ${answer.label}`;
    this.#say(now, this.#paint(ink, words), plain(answer.reason), words);
  }

  #weights(point: WeightPoint, playing: Playing): void {
    const before = playing.weights.get(point.traffic);
    playing.weights.set(point.traffic, point);
    const room = this.#options.width - INDENT - 15;
    const draw = (some: WeightPoint): string => weightBar(playing.deployment, some, this.#paint, room);
    const bar = draw(point);
    // No test traffic at the start is the normal state and not worth a line.
    if (before === undefined ? Object.keys(point.weights).length === 0 : bar === draw(before)) return;
    this.#flushWaits();
    this.#line(`${this.#clock(point.at)}    ⇄ ${pad(point.traffic, 10)} ${bar}`);
  }

  #note(event: TimelineEvent & { kind: 'note' }, playing: Playing): void {
    this.#flushWaits();
    const { note } = event;
    if (note.kind === 'rollback') playing.rollbackTold = plain(note.text);
    const { sign, ink } = NOTE[note.kind];
    this.#say(note.at, this.#paint(ink, `  ${sign}`), plain(note.text), `  ${sign}`, ' ');
  }

  #eventInvocation(invocation: EventInvocationRecord): void {
    this.#flushWaits();
    const { ink, words, rest } = eventWords(invocation);
    this.#say(invocation.endedAt, this.#paint(ink, words), rest, words);
  }

  #consumer(point: ConsumerPoint, { deployment }: Playing): void {
    this.#flushWaits();
    const { sign, ink } = CONSUMER[consumerKind(deployment, point)];
    const words = `  ${sign} consumer:`;
    this.#say(point.at, this.#paint(ink, words), plain(consumerName(deployment, point)), words, ' ');
  }

  #finished(playing: Playing): void {
    this.#flushWaits();
    const { deployment } = playing;
    const { sign, ink } = STATUS[readStatus(deployment).look];
    const took = formatDuration(playing.now - deployment.createdAt);
    const facts = `after ${took}, ${plural(countInvocations(deployment), 'hook invocation')}`;
    const words = `${sign} ${deployment.status}`;
    this.#say(playing.now, this.#paint(ink, words), facts, words, ' ');
    const reason = plain(deployment.statusReason ?? '');
    if (reason !== '' && reason !== playing.rollbackTold) {
      for (const line of wrap(reason, this.#options.width - INDENT - 2)) this.#line(`${' '.repeat(INDENT + 2)}${line}`);
    }
    this.#line('');
  }

  #flushWaits(): void {
    for (const wait of this.#waits.values()) this.#sayWait(wait);
    this.#waits.clear();
  }

  #sayWait(wait: Wait): void {
    const words = waitWords(wait);
    this.#say(wait.since, this.#paint('wait', words), plain(wait.answer.reason), words);
  }

  /** One line with the clock; what follows the words wraps under their beginning. */
  #say(at: number, painted: string, rest: string, bare: string, gap = '  '): void {
    const clock = this.#clock(at);
    if (rest === '') {
      this.#line(`${clock}  ${painted}`);
      return;
    }
    const sameLine = INDENT + columns(bare) + gap.length;
    const hang = Math.min(sameLine, INDENT + 4);
    const [first = '', ...more] = hangingWrap(rest, this.#options.width, sameLine, hang);
    this.#line(`${clock}  ${painted}${first === '' ? '' : gap}${first}`);
    for (const line of more) this.#line(' '.repeat(hang) + line);
  }

  #clock(at: number): string {
    const start = this.#playing?.deployment.createdAt ?? at;
    return this.#paint('dim', formatClock(at - start));
  }

  #line(text: string): void {
    this.#lastLine = text.trimEnd();
    this.#sink.write(`${this.#lastLine}\n`);
  }

  #drawFooter(playing: Playing): void {
    if (!this.#options.tty) return;
    const lines = this.#footer(playing);
    for (const line of lines) this.#sink.write(`${line}\n`);
    this.#footerLines = lines.length;
  }

  #clearFooter(): void {
    if (this.#footerLines > 0) this.#sink.write(`\u001b[${this.#footerLines}A\r\u001b[J`);
    this.#footerLines = 0;
  }

  /** The live part: running waits with their count, weights, and the stage rail with the clock. */
  #footer(playing: Playing): string[] {
    const { width } = this.#options;
    const paint = this.#paint;
    const waits = [...this.#waits.values()].map((wait) => {
      const words = `${waitWords(wait)}  ${plain(wait.answer.reason)}`;
      return `${this.#clock(wait.since)}  ${paint('wait', truncate(words, width - INDENT))}`;
    });
    const stage = playing.running ? stageLabel(playing.running) : playing.deployment.status;
    const clock = paint('bold', formatClock(playing.now - playing.deployment.createdAt));
    const bars = [...playing.weights.values()]
      .filter((point) => point.traffic === 'production' || Object.keys(point.weights).length > 0)
      .map((point) => `   ${pad(point.traffic, 10)} ${weightBar(playing.deployment, point, paint, width - 14)}`);
    return [
      ...waits,
      '',
      ` ${clock}  ${stageRail(playing.deployment, playing, paint)}  ${paint('stage', truncate(stage, width - 36))}`,
      ...bars,
    ];
  }
}
