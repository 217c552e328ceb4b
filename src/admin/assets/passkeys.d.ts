/** As the server writes and reads them: its own business. */
type Json = Record<string, unknown>;

export const hasPasskeys: () => boolean;
export const makePasskey: (options: Json) => Promise<Json>;
export const usePasskey: (options: Json) => Promise<Json>;
