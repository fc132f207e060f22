/** What carries a service's traffic, as its clients meet it. */
export type ProxyKind = 'alb' | 'service-connect';

export type Trouble = 'nobody' | 'refused' | 'reset' | 'timeout';

export interface ProxyAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

interface Proxy {
  /** Milliseconds without a byte from the task (load balancer) or without an answer (Service Connect). */
  timeoutMs: number;
  answers: Readonly<Record<Trouble, ProxyAnswer>>;
}

/**
 * What each answers in the place of a task. Sources: pages "Troubleshoot your Application Load Balancers" (502, 503,
 * 504; idle timeout of 60 seconds) and "Service Connect configuration" (perRequestTimeoutSeconds, 15 by default); the
 * texts of Service Connect are those of Envoy, which it runs.
 */
export const PROXIES: Readonly<Record<ProxyKind, Proxy>> = {
  alb: {
    timeoutMs: 60_000,
    answers: {
      nobody: page(503, 'Service Temporarily Unavailable'),
      refused: page(502, 'Bad Gateway'),
      reset: page(502, 'Bad Gateway'),
      timeout: page(504, 'Gateway Time-out'),
    },
  },
  'service-connect': {
    timeoutMs: 15_000,
    answers: {
      nobody: plain(503, 'no healthy upstream'),
      refused: plain(
        503,
        'upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, transport failure reason: delayed connect error: Connection refused',
      ),
      reset: plain(
        503,
        'upstream connect error or disconnect/reset before headers. reset reason: connection termination',
      ),
      timeout: plain(504, 'upstream request timeout'),
    },
  },
};

function page(status: number, title: string): ProxyAnswer {
  const text = `${status} ${title}`;
  return {
    status,
    headers: { server: 'awselb/2.0', 'content-type': 'text/html' },
    body: `<html>\r\n<head><title>${text}</title></head>\r\n<body>\r\n<center><h1>${text}</h1></center>\r\n</body>\r\n</html>\r\n`,
  };
}

function plain(status: number, body: string): ProxyAnswer {
  return { status, headers: { server: 'envoy', 'content-type': 'text/plain' }, body };
}
