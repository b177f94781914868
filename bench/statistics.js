/** The middle of the numbers; of an even count the lower middle. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1];
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
