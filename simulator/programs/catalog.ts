/**
 * The HTTP server of Unicorn Watch's catalog: answers after a latency of a known distribution, and fails a known share.
 * LATENCY_MS is the median of a log-normal distribution whose logarithm has the standard deviation LATENCY_SPREAD
 * (0.3, where p95 is 1.64 medians and p99 2.01); ERROR_RATE of the requests is answered with 500. Both go through the
 * quantiles in a fixed order, so that every run is served the same latencies.
 */
import { createServer } from 'node:http';

const { PORT = '8080', LATENCY_MS = '5', LATENCY_SPREAD = '0.3', ERROR_RATE = '0', MODE = 'serve' } = process.env;
const [median, spread, errorRate] = [Number(LATENCY_MS), Number(LATENCY_SPREAD), Number(ERROR_RATE)];

/** Steps of the golden ratio fill the unit interval evenly, whatever their number. */
const GOLDEN = 0.618_033_988_749_895;
let requests = 0;

const server = createServer((request, response) => {
  requests += 1;
  const failed = Math.floor(requests * errorRate) > Math.floor((requests - 1) * errorRate);
  const latency = median * Math.exp(spread * normalQuantile((requests * GOLDEN) % 1));
  request.resume();
  // Accepts, and says nothing.
  if (MODE === 'hang') return;
  setTimeout(() => {
    response.writeHead(failed ? 500 : 200, { 'content-type': 'application/json' });
    response.end(failed ? '{"error":"out of unicorns"}' : '{"items":["unicorn"]}');
  }, latency);
});
if (MODE === 'close') server.on('connection', (socket) => socket.destroy());
server.listen(Number(PORT), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));

/** By bisection of the distribution function: a table's worth of work for each request, and no constants to mistrust. */
function normalQuantile(share: number): number {
  let [low, high] = [-6, 6];
  for (let step = 0; step < 30; step += 1) {
    const middle = (low + high) / 2;
    if (normalDistribution(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** By its power series, which converges fast within six standard deviations. */
function normalDistribution(x: number): number {
  let [sum, term] = [x, x];
  for (let n = 1; n < 60 && Math.abs(term) > 1e-12; n += 1) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}
