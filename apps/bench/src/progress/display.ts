import { errorMessage } from "../errors.js";
import type { StudyEvents } from "../jobs/executor.js";
import type { Job } from "../jobs/job.js";
import { jobLine, studyLine, trackStudy } from "./studyProgress.js";

/** Shows how a study goes, on a stream. */
export interface Display {
  readonly events: StudyEvents;
  /** Removes what is redrawn and stops. */
  close(): void;
}

/** Where a display writes: stderr, so that stdout holds results alone. */
export interface DisplayStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const redrawMs = 250;
const lineEveryMs = 15_000;

/** A block of lines that is redrawn on a terminal, or a line now and then elsewhere; nothing when quiet. */
export function openDisplay(jobs: readonly Job[], stream: DisplayStream, quiet: boolean): Display {
  if (quiet) return { events: {}, close: () => {} };
  return stream.isTTY ? terminalDisplay(jobs, stream) : lineDisplay(jobs, stream);
}

function terminalDisplay(jobs: readonly Job[], stream: DisplayStream): Display {
  const { events, state } = trackStudy(jobs);
  let drawn = 0;
  const erase = () => {
    // Up over what was drawn, and clear from there to the end of the screen.
    if (drawn > 0) stream.write(`\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  };
  const draw = () => {
    const now = state();
    const width = Math.max(0, ...now.running.map(({ job }) => job.title.length));
    const lines = [...now.running.map((item) => jobLine(item, width)), studyLine(now)];
    const columns = stream.columns ?? 80;
    erase();
    stream.write(lines.map((line) => `${line.slice(0, columns - 1)}\n`).join(""));
    drawn = lines.length;
  };
  const timer = setInterval(draw, redrawMs);
  const say = (line: string) => {
    erase();
    stream.write(`${line}\n`);
    draw();
  };
  return {
    events: { ...events, ...announcements(events, say) },
    close: () => {
      clearInterval(timer);
      erase();
    },
  };
}

function lineDisplay(jobs: readonly Job[], stream: DisplayStream): Display {
  const { events, state } = trackStudy(jobs);
  const say = (line: string) => void stream.write(`${line}\n`);
  const report = () => {
    const now = state();
    for (const item of now.running) say(jobLine(item));
    say(studyLine(now));
  };
  const timer = setInterval(report, lineEveryMs);
  return {
    events: { ...events, ...announcements(events, say) },
    close: () => clearInterval(timer),
  };
}

/** What is worth a line that stays. */
const announcements = (events: Required<StudyEvents>, say: (line: string) => void): StudyEvents => ({
  skipped: (done) => {
    events.skipped(done);
    if (done.length > 0) say(`${done.length} ${done.length === 1 ? "job is" : "jobs are"} done already`);
  },
  finished: (job) => {
    events.finished(job);
    say(`done    ${job.title}`);
  },
  failed: (job, error) => {
    events.failed(job, error);
    // The whole message comes at the end, where it is not scrolled away.
    say(`failed  ${job.title}: ${errorMessage(error).code}`);
  },
});
