import { didYouMean } from "../../base/nearest.ts";
import { DrillError } from "../../model/errors.ts";
import type { EnvPreset } from "./preset.ts";
import { bullmq } from "./presets/bullmq.ts";
import { celery } from "./presets/celery.ts";
import { django } from "./presets/django.ts";
import { ioredis } from "./presets/ioredis.ts";
import { laravel } from "./presets/laravel.ts";
import { rails } from "./presets/rails.ts";
import { redisUrl } from "./presets/redis-url.ts";
import { spring } from "./presets/spring.ts";
import { valkeyUrl } from "./presets/valkey-url.ts";

const ALL = [redisUrl, valkeyUrl, ioredis, bullmq, spring, laravel, rails, celery, django] as const;

/** All presets of environment variables, by name. */
export const PRESETS: ReadonlyMap<string, EnvPreset> = new Map(ALL.map((preset) => [preset.name, preset]));

/** @throws DrillError `BAD_USAGE`, with the names that there are */
export function presetNamed(name: string): EnvPreset {
  const preset = PRESETS.get(name);
  if (preset) return preset;
  const names = [...PRESETS.keys()];
  throw new DrillError("BAD_USAGE", `no preset is named "${name}".${didYouMean(name, names)}`, {
    hint: `Presets of environment variables: ${names.join(", ")}.`,
  });
}
