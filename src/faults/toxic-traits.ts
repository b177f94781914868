/** What every fault is that puts a toxic on a link: it lasts until it is lifted, and no process dies of it. */
export const toxicTraits = {
  target: 'link',
  endedBy: 'heal',
  killed: false,
  disturbs: true,
  brings: false,
} as const;
