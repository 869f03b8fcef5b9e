#!/bin/sh
# valkey-drill exec ha -- sh test-failover.sh
set -eu
. "$(dirname "$0")/drill.sh"

drill POST /reset
drill POST /faults '{"fault": "kill", "target": "primary"}'
drill POST /await '{"condition": "promoted", "within": "60s"}' | grep '"seen":"replica-'
if drill POST /faults '{"fault": "kill", "target": "nobody"}'; then exit 1; fi
