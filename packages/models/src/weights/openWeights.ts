import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { openToRead, SaeError } from "@sae/core";
import { openGguf } from "./openGguf.js";
import { openHuggingFaceFolder } from "./openHuggingFaceFolder.js";
import { openLlama2c } from "./openLlama2c.js";
import type { WeightSource } from "./weightSource.js";

const KINDS = "a folder with config.json and safetensors, a .gguf file, or a .bin file of llama2.c";

/**
 * Opens a checkpoint on the disk, whatever it is in: a folder as transformers writes it, a GGUF file, a llama2.c file, or a folder whose only
 * checkpoint is one such file.
 *
 * @throws SaeError `file_not_found`, `unknown_format`, and those of {@link openHuggingFaceFolder}, {@link openGguf}, {@link openLlama2c}
 */
export async function openWeights(path: string): Promise<WeightSource> {
  const found = await stat(path).catch((cause) => {
    throw new SaeError("file_not_found", `open ${path}: needed ${KINDS}, got nothing there; check the path`, { cause });
  });
  if (found.isDirectory()) return openFolder(path);
  if ((await firstBytes(path)) === "GGUF") return openGguf(path);
  if (path.endsWith(".bin")) return openLlama2c(path);
  const advice = path.endsWith(".safetensors") ? "give the folder that holds it" : "convert it";
  throw new SaeError("unknown_format", `open ${path}: needed ${KINDS}, got another file; ${advice}`);
}

async function openFolder(path: string): Promise<WeightSource> {
  const names = await readdir(path);
  const files = names.filter((name) => name.endsWith(".gguf"));
  if (names.includes("config.json") || files.length === 0) return openHuggingFaceFolder(path);
  if (files.length === 1) return openGguf(join(path, files[0]));
  throw new SaeError("unknown_format", `open ${path}: needed one .gguf file, got ${files.sort().join(", ")}; name one`);
}

async function firstBytes(path: string): Promise<string> {
  const handle = await openToRead(path, "open");
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await handle.close();
  }
}
