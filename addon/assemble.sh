#!/bin/sh
# Lays out a Home Assistant app repository: sh addon/assemble.sh FOLDER
#
# The Supervisor looks for everything next to config.yaml and builds the image from that folder, while this project keeps what
# only Home Assistant needs in addon/. The result is FOLDER/repository.yaml and FOLDER/haven/, ready to be published as a Git
# repository, or FOLDER/haven/ to be copied into Home Assistant's /addons.
set -eu

if [ "$#" -ne 1 ]; then
  echo "usage: sh addon/assemble.sh FOLDER" >&2
  exit 2
fi

project=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
target=$(cd "$1" && pwd)
if [ -n "$(ls -A "$target")" ]; then
  echo "assemble: $target is not empty; give a new or an empty folder" >&2
  exit 2
fi

cd "$project"
mkdir -p "$target/haven/addon"
cp addon/repository.yaml "$target/"
cp config.yaml CHANGELOG.md LICENSE package.json package-lock.json tsconfig.json tsconfig.build.json "$target/haven/"
cp -R translations models src panel "$target/haven/"
cp addon/Dockerfile addon/DOCS.md addon/README.md addon/apparmor.txt addon/icon.png addon/logo.png "$target/haven/"
cp addon/Dockerfile.dockerignore "$target/haven/.dockerignore"
cp addon/entrypoint.sh "$target/haven/addon/"
echo "$target/haven"
