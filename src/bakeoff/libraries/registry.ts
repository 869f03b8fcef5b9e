import { glide } from "./glide.ts";
import { ioredis } from "./ioredis.ts";
import { iovalkey } from "./iovalkey.ts";
import type { Library } from "./library.ts";
import { nodeRedis } from "./node-redis.ts";

/** The libraries of the bake-off, in the order of its tables. */
export const LIBRARIES: readonly Library[] = [iovalkey, ioredis, nodeRedis, glide];
