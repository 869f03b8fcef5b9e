# Functions for a shell: `. ./drill.sh`, in a script under `valkey-drill exec ha -- sh my-test.sh`. They need curl.
#
#   drill POST /faults '{"fault": "kill", "target": "primary"}'
#   drill POST /await '{"condition": "promoted", "within": "15s"}'
#   drill POST /reset
#
# The answer is printed; a refusal too, and the function then returns 1.
drill() {
  : "${VALKEY_DRILL_URL:?run this by: valkey-drill exec ha -- sh my-test.sh}"
  if [ -n "${3:-}" ]; then set -- "$1" "$2" --header 'Content-Type: application/json' --data "$3"
  else set -- "$1" "$2"; fi
  _drill_method=$1 _drill_path=$2
  shift 2
  _drill_answer=$(curl --silent --show-error --max-time 120 --request "$_drill_method" "$@" \
    --write-out '\n%{http_code}' "$VALKEY_DRILL_URL$_drill_path") || return 1
  printf '%s\n' "$_drill_answer" | sed '$d'
  case $(printf '%s\n' "$_drill_answer" | tail -n 1) in 2*) return 0 ;; *) return 1 ;; esac
}
