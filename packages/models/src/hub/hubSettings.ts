import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { getHFHubCachePath, HUB_URL } from "@huggingface/hub";

/** How the hub is reached and where its files are kept. What is left out comes from the environment, as the hub's Python tools read it. */
export interface HubOptions {
  /** Cache folder; else HF_HUB_CACHE, HF_HOME/hub, ~/.cache/huggingface/hub. Shared with the Python tools: files that they fetched are found. */
  readonly cacheDir?: string;
  /** Access token, null for none; else HF_TOKEN, then the file that `hf auth login` writes. It is sent to the endpoint only, never to where that redirects. */
  readonly token?: string | null;
  /** Address of the hub or of a mirror; else HF_ENDPOINT, https://huggingface.co. */
  readonly endpoint?: string;
  /** Use the cache only, without any request; else HF_HUB_OFFLINE. */
  readonly offline?: boolean;
  /** How often a request is repeated that broke off without any new byte, stalled, or met a fault of the server. Default 5. */
  readonly retries?: number;
  /** Wait before the first repetition; it doubles each time. Default 500. */
  readonly retryMs?: number;
  /** A connection that is silent for so long is given up. Default 60 000. */
  readonly stallMs?: number;
}

/** Options with the environment filled in. */
export interface HubSettings {
  readonly cacheDir: string;
  readonly token: string | null;
  readonly endpoint: string;
  readonly offline: boolean;
  readonly retries: number;
  readonly retryMs: number;
  readonly stallMs: number;
}

/** Fills in from the environment what the options leave out. */
export function hubSettings(options: HubOptions = {}): HubSettings {
  const { HF_ENDPOINT, HF_HUB_OFFLINE } = process.env;
  return {
    cacheDir: options.cacheDir ?? getHFHubCachePath(),
    token: options.token === undefined ? tokenOfUser() : options.token,
    endpoint: (options.endpoint ?? (HF_ENDPOINT || HUB_URL)).replace(/\/+$/, ""),
    offline: options.offline ?? /^(1|on|yes|true)$/i.test(HF_HUB_OFFLINE ?? ""),
    retries: options.retries ?? 5,
    retryMs: options.retryMs ?? 500,
    stallMs: options.stallMs ?? 60_000,
  };
}

function tokenOfUser(): string | null {
  const { HF_TOKEN, HF_TOKEN_PATH, HF_HOME, XDG_CACHE_HOME } = process.env;
  if (HF_TOKEN) return HF_TOKEN.trim();
  const home = HF_HOME ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "huggingface");
  try {
    return readFileSync(HF_TOKEN_PATH ?? join(home, "token"), "utf8").trim() || null;
  } catch {
    return null;
  }
}
