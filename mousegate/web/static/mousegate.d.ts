/** Types of mousegate.js, which records how the pointer moves and clicks while a form is filled in. */

/** Milliseconds since the first event, place on the screen in CSS px, and `PointerEvent.buttons`. */
export type MousegateRow = [timeMs: number, x: number, y: number, buttons: number];
/** Where a button went down also what was hit: 0 background, 1 picture, 2 password field, 3 Submit. */
export type MousegatePress = [...row: MousegateRow, target: 0 | 1 | 2 | 3];

/** What the API takes as a recording. */
export interface MousegateRecording {
  version: 1;
  pointer: "mouse" | "pen" | "touch";
  events: Array<MousegateRow | MousegatePress>;
}

export interface MousegateOptions {
  /** Name of the form's field that carries the recording; `mousegate` unless told. */
  field?: string;
}

export interface MousegateRecorder {
  readonly form: HTMLFormElement;
  /** The recording so far. */
  take(): MousegateRecording;
  /** Forget everything recorded. */
  clear(): void;
  /** Stop recording. */
  stop(): void;
}

export interface Mousegate {
  /** Record for a form (or the selector of one), whose data carries the recording when it is sent. */
  attach(form: HTMLFormElement | string, options?: MousegateOptions): MousegateRecorder;
  /** Of the form that was found when the page was loaded; null where there was none. */
  recorder: MousegateRecorder | null;
}

declare global {
  interface Window {
    mousegate: Mousegate;
  }
}
