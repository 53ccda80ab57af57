import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { type InferenceSession, listSupportedBackends } from "onnxruntime-node";
import { SaeError } from "./error.js";
import type { Provider } from "./lowerContext.js";

/** What a user asks for: `auto` is CUDA where this installation has it, else the CPU. */
export type ProviderChoice = "auto" | Provider;

const names: readonly Provider[] = ["cpu", "cuda", "webgpu"];

/** What helps when a provider is not part of the installation. */
const whenMissing: Readonly<Record<Provider, string>> = {
  cpu: "reinstall onnxruntime-node",
  get cuda() {
    const script = relative(process.cwd(), join(packageFolder(), "script", "install.js"));
    return `on Linux x64 with an NVIDIA driver, CUDA 12 and cuDNN 9 run \`node ${script}\`, which downloads the provider (some hundred MB), or use --provider cpu`;
  },
  webgpu: "this platform's onnxruntime-node has no WebGPU; use --provider cpu",
};

/** What helps when it is there and does not start. */
const whenFailing: Record<Provider, string> = {
  cpu: "",
  cuda: "; check that the NVIDIA driver, CUDA 12 and cuDNN 9 are where the loader finds them, or use --provider cpu",
  webgpu: "; WebGPU needs a GPU with a Vulkan, Metal or Direct3D 12 driver: use --provider cpu where there is none",
};

const packageFolder = (): string => dirname(dirname(createRequire(import.meta.url).resolve("onnxruntime-node")));

/** CUDA's provider is a library of its own, which the install script of onnxruntime-node downloads beside the binding. */
function hasCudaLibrary(): boolean {
  return readdirSync(join(packageFolder(), "bin"), { recursive: true, encoding: "utf8" }).some(
    (file) => basename(file) === "libonnxruntime_providers_cuda.so",
  );
}

/** Providers that the installed onnxruntime-node holds. Whether the hardware is there shows when a program is compiled. */
export function availableProviders(): Provider[] {
  // The package lists what it could run: parts that are not bundled may not have been downloaded.
  const found = new Set(
    listSupportedBackends().flatMap(({ name, bundled }) =>
      bundled || (name === "cuda" && hasCudaLibrary()) ? [name] : [],
    ),
  );
  return names.filter((name) => found.has(name));
}

/**
 * The provider to use.
 * @throws SaeError `unknown_provider`, `provider_missing` (with what to do)
 */
export function resolveProvider(choice: ProviderChoice): Provider {
  const available = availableProviders();
  if (choice === "auto") return available.includes("cuda") ? "cuda" : "cpu";
  if (!names.includes(choice)) {
    throw new SaeError("unknown_provider", `provider: needed auto, ${names.join(", ")}, got '${choice}'`);
  }
  if (!available.includes(choice)) {
    throw new SaeError(
      "provider_missing",
      `provider '${choice}': not in this installation (it has ${available.join(", ")}); ${whenMissing[choice]}`,
    );
  }
  return choice;
}

/** The session option for a provider, with the caller's own options of that provider passed through. */
export const executionProviders = (
  provider: Provider,
  options: Record<string, unknown> = {},
): InferenceSession.SessionOptions["executionProviders"] => [
  { name: provider, ...options } as InferenceSession.ExecutionProviderConfig,
];

/** An error of session creation, told apart: a provider that cannot start is the user's to fix. */
export function providerFailure(provider: Provider, cause: unknown): SaeError {
  const message = (cause instanceof Error ? cause.message : String(cause)).trim();
  return new SaeError(
    "session_failed",
    `provider '${provider}': onnxruntime could not start the program: ${message}${whenFailing[provider]}`,
    { cause },
  );
}
