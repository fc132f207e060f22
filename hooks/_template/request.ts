import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** More of a body is not read. */
const MOST_BYTES = 64 * 1024;

export interface HttpAnswer {
  status: number;
  /** The first 64 KB, as text. */
  body: string;
}

export interface GetOptions {
  headers: Readonly<Record<string, string>>;
  /** Milliseconds until the whole answer must be there. */
  timeoutMs: number;
  signal: AbortSignal;
}

/**
 * One GET. Not fetch, which would load undici at the cold start, and follow redirects.
 * @throws Error when there is no whole answer: connection refused, cut, too slow
 */
export function get(url: string, { headers, timeoutMs, signal }: GetOptions): Promise<HttpAnswer> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => {
      const late = limit.aborted && !signal.aborted ? `no whole answer within ${timeoutMs} ms` : cause.message;
      reject(new Error(`GET ${url}: ${late}`, { cause }));
    };
    // No agent: a connection that is kept might lead to a task of the old revision.
    const sent = request(url, { agent: false, headers, signal: limit }, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const answer = () => {
        const body = Buffer.concat(chunks).subarray(0, MOST_BYTES).toString('utf8');
        resolve({ status: response.statusCode ?? 0, body });
      };
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length < MOST_BYTES) return;
        answer();
        response.destroy();
      });
      response.once('end', answer);
      response.once('error', fail);
    });
    sent.once('error', fail);
    sent.end();
  });
}
