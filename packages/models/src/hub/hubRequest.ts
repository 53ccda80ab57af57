import { setTimeout as sleep } from "node:timers/promises";
import { answerFailure, HubFailure, type HubSubject, networkFailure, subjectName } from "./hubFailure.js";
import type { HubSettings } from "./hubSettings.js";

/**
 * One request. The token goes along when the address is the endpoint's; `fetch` drops it where that redirects to another server.
 *
 * @param use reads the answer; it says `alive` for each piece that came, or the request is given up as stalled
 * @throws HubFailure
 */
export async function hubRequest<T>(
  settings: HubSettings,
  subject: HubSubject,
  url: string,
  init: RequestInit,
  use: (response: Response, alive: () => void) => Promise<T>,
): Promise<T> {
  const { endpoint, token, stallMs } = settings;
  const headers = new Headers(init.headers);
  const authorized = token !== null && new URL(url).origin === new URL(endpoint).origin;
  if (authorized) headers.set("Authorization", `Bearer ${token}`);
  const stalled = new HubFailure(
    "hub_stalled",
    `fetch ${subjectName(subject)}: nothing came from ${new URL(url).origin} for ${stallMs} ms; run again, it continues where it stopped`,
    { transient: true },
  );
  const controller = new AbortController();
  const give = () => controller.abort(stalled);
  let timer = setTimeout(give, stallMs);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(give, stallMs);
  };
  try {
    const response = await fetch(url, { ...init, headers, signal: controller.signal }).catch((cause) => {
      throw broken(cause);
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw answerFailure(response, subject, authorized);
    }
    alive();
    return await use(response, alive);
  } finally {
    clearTimeout(timer);
    controller.abort(); // closes the connection of an answer that was not read to its end
  }

  function broken(cause: unknown): HubFailure {
    return cause instanceof HubFailure ? cause : networkFailure(cause, subject, new URL(url).origin);
  }
}

/**
 * `fetch` for the hub's client: whole answers, repeated after passing faults.
 *
 * @param subject what the errors name
 */
export const hubFetch =
  (settings: HubSettings, subject: HubSubject): typeof fetch =>
  (input, init = {}) =>
    withRetries(settings, () =>
      hubRequest(
        settings,
        subject,
        input instanceof Request ? input.url : String(input),
        init,
        async (response, alive) => {
          const pieces: Uint8Array[] = [];
          for await (const piece of piecesOf(response, settings, subject)) {
            alive();
            pieces.push(piece);
          }
          const { status, statusText, headers } = response;
          return new Response(Buffer.concat(pieces), { status, statusText, headers });
        },
      ),
    );

/** The bytes of an answer as they come. */
export async function* piecesOf(
  response: Response,
  settings: HubSettings,
  subject: HubSubject,
): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((cause) => {
      throw cause instanceof HubFailure ? cause : networkFailure(cause, subject, settings.endpoint);
    });
    if (done) return;
    yield value;
  }
}

/**
 * Repeats what failed for a reason that may pass, waiting twice as long each time, or as long as the server asked. Failures are counted
 * since the last progress: a line that drops every gigabyte brings a large file in the end.
 *
 * @param run one attempt
 * @param progress a number that grows when an attempt got further than the one before
 */
export async function withRetries<T>(
  { retries, retryMs }: Pick<HubSettings, "retries" | "retryMs">,
  run: () => Promise<T>,
  progress: () => number = () => 0,
): Promise<T> {
  for (let failures = 0, reached = progress(); ; ) {
    try {
      return await run();
    } catch (error) {
      failures = progress() > reached ? 1 : failures + 1;
      reached = progress();
      if (!(error instanceof HubFailure) || !error.transient || failures > retries) throw error;
      await sleep(Math.max(error.waitMs, retryMs * 2 ** (failures - 1)));
    }
  }
}
