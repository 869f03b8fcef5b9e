/** A setting's name as servers have it now: until 5.0 replicas were called slaves, and those names are still taken. */
export function settingName(name: string): string {
  return name.replaceAll("slave", "replica");
}
