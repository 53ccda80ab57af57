/** The weights of a checkpoint, whatever file they are in: read one by one, when they are needed. */
export interface WeightSource {
  /** What a Hugging Face config.json would say (`model_type` and the family's numbers), read from the file where there is no config.json. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Where it came from, for messages. */
  readonly path: string;
  /** Stored shapes by Hugging Face name. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /**
   * Reads one weight as float32, row-major, of the shape in `shapes`. Nothing of it is kept here.
   *
   * @throws SaeError `tensor_not_found`, `file_truncated`
   */
  read(name: string): Promise<Float32Array>;
  /** Closes the files. */
  close(): Promise<void>;
}
