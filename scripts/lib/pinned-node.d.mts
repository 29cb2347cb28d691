export const wantedMajor: number;
export function findNode(root: string): { path: string } | { problem: string };
