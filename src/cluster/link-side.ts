/** Whom a link of a node leads to. */
export type LinkSide = 'broker' | 'clients';
