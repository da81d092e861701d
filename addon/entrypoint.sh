#!/bin/sh
# Starts the daemon in its container. The Supervisor's folders belong to root, but whatever decodes strangers' video should not:
# hand the folders to the user "haven", keep the groups that own the graphics devices, and go on as that user.
set -eu

app=${HAVEN_APP_DIR:-/opt/haven}
data=${HAVEN_DATA_DIR:-/data}
config=${HAVEN_CONFIG_DIR:-/config}
user=${HAVEN_USER:-haven}

if [ "$#" -gt 0 ]; then
  set -- node "$app/dist/src/main.js" "$@"
elif [ -d "$config" ]; then
  # Home Assistant shows this folder to the user.
  set -- node "$app/dist/src/main.js" run --data "$data" --config "$config/haven.yaml"
else
  set -- node "$app/dist/src/main.js" run --data "$data"
fi

if [ "$(id -u)" -ne 0 ]; then
  exec "$@"
fi

group=$(id -g "$user")
groups=$group
for device in /dev/dri/renderD*; do
  if [ -e "$device" ]; then
    groups=$groups,$(stat -c %g "$device")
  fi
done

for folder in "$data" "$config"; do
  if [ -d "$folder" ]; then
    chown -R "$user:$group" "$folder"
  fi
done

HOME=$(getent passwd "$user" | cut -d: -f6)
export HOME
exec setpriv --reuid="$user" --regid="$group" --groups="$groups" --inh-caps=-all --no-new-privs "$@"
