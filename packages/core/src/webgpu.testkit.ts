import { compile, type Program } from "./compile.js";
import { exp } from "./ops/unary.js";
import { float32 } from "./tensorType.js";

/**
 * Why WebGPU does not start here; undefined where it does. Without a GPU, Debian's packages chromium and libvulkan1 bring a Vulkan driver in software, with
 * `VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json`.
 */
export const webgpuFailure: string | undefined = await compile({ x: float32(1) }, ({ x }) => ({ y: exp(x) }), {
  provider: "webgpu",
}).then(
  (program: Program<"x", "y">) => program.dispose().then(() => undefined),
  (error: Error) => /Failed to get a WebGPU adapter: [^;]*/.exec(error.message)?.[0] ?? error.message,
);
