import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Gate } from './gate.ts';

/** `GET /`: 200 or 503 with the gate's state; `GET /health`: 200. On the loopback address, which a task's containers share. */
export function serveGate(gate: Gate): Server {
  return createServer((request, response) => {
    const [path] = request.url?.split('?', 1) ?? [];
    if (request.method !== 'GET') return answer(response, 405, { message: 'only GET' });
    if (path === '/health') return answer(response, 200, { healthy: true });
    if (path !== '/') return answer(response, 404, { message: 'there are / and /health' });
    const state = gate.state();
    return answer(response, state.consume ? 200 : 503, state);
  });
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}
