/** No line of a history is longer, in characters: a reader holds a line as a whole. */
export const MOST_LINE_CHARS = 32 * 1024 * 1024;

/**
 * Lines stand in the order in which they were recorded, so their times do not fall. A clock that is read in one turn
 * and a line that is written in the next are far less apart than this, even where the process was stopped for a while;
 * what is recorded late carries its own time in its data.
 */
export const MOST_BACK_NS = 5e9;
