/** Keeps compiled code between starts. */
export declare function useCompileCache(): void;
