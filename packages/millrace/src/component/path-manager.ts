/** Names the files of a rolling series. */
export interface RollPath {
  /** The file to write now; the same until `rotate`. */
  current(): string;
  rotate(): void;
}
