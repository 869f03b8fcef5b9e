import { describe, expect, it } from "vitest";
import { testImage } from "../../../test/support/docker.ts";
import { explain } from "./docker-cli.ts";
import { findFabricImage, imageOf, lacksFabricImage, openEngine } from "./engine.ts";

describe("what docker says", () => {
  it.each([
    [
      "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
      "NO_DOCKER",
    ],
    [
      "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
      "NO_DOCKER",
    ],
    ["docker: 'compose' is not a docker command.\nSee 'docker --help'", "NO_DOCKER"],
    ["Error response from daemon: Bind for 127.0.0.1:20001 failed: port is already allocated", "PORT_IN_USE"],
    [
      "Error starting userland proxy: listen tcp4 127.0.0.1:7001: bind: address already in use",
      "PORT_IN_USE",
    ],
    [
      "failed to create network x: Error response from daemon: Pool overlaps with other one on this address space",
      "SUBNET_IN_USE",
    ],
    ["Error response from daemon: No such image: valkey/valkey:8.1", "NO_IMAGE"],
    ["Error response from daemon: something new", "COMMAND_FAILED"],
  ])("%s", (said, code) => {
    const error = explain(["compose", "create"], said);
    expect(error.code).toBe(code);
    expect(error.message).toContain(said.split("\n").at(-1));
    if (code !== "COMMAND_FAILED") expect(error.hint).toBeTruthy();
  });
});

it("takes a version as the official image of it, and anything else as an image", () => {
  expect(imageOf(undefined, {})).toBe("valkey/valkey:8.1");
  expect(imageOf(undefined, { VALKEY_IMAGE: "mine:1" })).toBe("mine:1");
  expect(imageOf("9.1", { VALKEY_IMAGE: "mine:1" })).toBe("valkey/valkey:9.1");
  expect(imageOf("registry.example/valkey:9", {})).toBe("registry.example/valkey:9");
});

it("says how to get an image that can carry links, by the name that was given", () => {
  expect(lacksFabricImage({})).toContain("docker pull node:22-slim");
  expect(lacksFabricImage({ VALKEY_DRILL_FABRIC_IMAGE: "mine:1" })).toContain("docker pull mine:1");
});

describe.skipIf(testImage === undefined)("with a Docker Engine", () => {
  it("takes the image for links that is named, or none", async () => {
    const found = (image: string | undefined) => findFabricImage({ VALKEY_DRILL_FABRIC_IMAGE: image });
    expect(await found(testImage)).toBe(testImage);
    expect(await found("127.0.0.1:1/none:1")).toBeUndefined();
  });

  it("tells the version in the image", async () => {
    const engine = await openEngine({ valkey: testImage });
    expect(engine).toMatchObject({ image: testImage, address: "127.0.0.1" });
    expect(engine.version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it("says how to get an image where there is neither the image nor a registry", async () => {
    await expect(openEngine({ valkey: "127.0.0.1:1/none:1" })).rejects.toMatchObject({
      code: "NO_IMAGE",
      hint: expect.stringContaining("scripts/build-test-image.sh"),
    });
  });

  it("wants to be told where an engine on another machine publishes", async () => {
    const env = { DOCKER_HOST: "tcp://192.0.2.1:2375" };
    await expect(openEngine({ valkey: testImage, env })).rejects.toMatchObject({
      code: "BAD_USAGE",
      hint: expect.stringContaining("VALKEY_DRILL_DOCKER_ADDRESS"),
    });
  });
});
