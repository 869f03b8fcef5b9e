const NO_DATABASES =
  "a topology here is one database: it is started by `valkey-drill exec`, and POST /reset empties it";
const ENTERPRISE = "it is a command of Redis Enterprise's own tools, which no Valkey server has";
const WHICH_SLOTS =
  "it names slots or nodes as Redis Enterprise has them; POST /faults with move-slots moves a number of slots";
const RESHARDS =
  "POST /faults with add-shard or remove-shard changes the number of shards, of a topology that has one to spare";

/** Actions of Redis' fault injector that are not done here, and why. */
export const REFUSED: ReadonlyMap<string, string> = new Map([
  ["reshard", RESHARDS],
  ["cluster_reshard", WHICH_SLOTS],
  ["cluster_migrate", WHICH_SLOTS],
  ["slot_migration", WHICH_SLOTS],
  ["slot_migrate", WHICH_SLOTS],
  ["cluster_add_node", RESHARDS],
  ["cluster_remove_node", RESHARDS],
  ["migrate", "it moves shards between machines of Redis Enterprise: here a node stays where it is"],
  ["bind", "it moves an endpoint of Redis Enterprise's proxy: there is no proxy here"],
  [
    "maintenance_mode",
    "Valkey servers have no such mode: rolling-restart and rolling-upgrade are faults here",
  ],
  [
    "network_packet_loss",
    "packets are below what links here can impair: TCP sends lost ones again; see delay and cut",
  ],
  ["network_bandwidth", "its parameter has no unit: POST /faults with bandwidth takes bytes a second"],
  ["execute_command", "a command that the drill does not know is no fault that it could undo"],
  ["execute_rlutil_command", ENTERPRISE],
  ["execute_rladmin_command", ENTERPRISE],
  ["update_cluster_config", ENTERPRISE],
  ["create_database", NO_DATABASES],
  ["delete_database", NO_DATABASES],
]);
