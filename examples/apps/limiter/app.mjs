// An API with a rate limit. The limit is kept in Valkey; while that is away, each instance counts for itself.
import express from "express";
import { RateLimiterMemory, RateLimiterRedis } from "rate-limiter-flexible";
import { connect } from "../connection.mjs";

const limit = { points: 1000, duration: 60 };
const insured = process.env.INSURANCE !== "no";
const limiter = new RateLimiterRedis({
  ...limit,
  storeClient: connect(insured ? { commandTimeout: 200 } : {}),
  ...(insured && { insuranceLimiter: new RateLimiterMemory(limit) }),
});

const app = express();
app.get("/health", (_, response) => response.send("up"));
app.get("/quotes/:id", async ({ params: { id } }, response) => {
  try {
    await limiter.consume("customer");
    response.json({ id, quote: "Failure is always an option." });
  } catch (refused) {
    if (refused instanceof Error) throw refused;
    response
      .status(429)
      .set("Retry-After", Math.ceil(refused.msBeforeNext / 1000))
      .end();
  }
});
app.listen(Number(process.env.PORT), "127.0.0.1");
