// Package image makes container images without a container engine or a registry: a recipe's script
// changes a directory, the change becomes a layer, the layers an OCI layout.
package image

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	oci "github.com/opencontainers/image-spec/specs-go/v1"
)

// format is part of every key: raise it when the same recipe would give another image.
const format = "1"

// Where a recipe's script runs.
const (
	onHost   = "host"   // with ROOT naming an empty directory to fill
	inChroot = "chroot" // inside a copy of the image it is made from
)

// recipe is a directory with `image.json`, `build.sh` and what the script needs.
type recipe struct {
	name      string
	directory string
	from      *recipe
	description
}

// description is the content of image.json.
type description struct {
	// From names the recipe whose layers come first.
	From   string `json:"from"`
	Script string `json:"script"`
	// Subtree makes a directory of the result the whole image, instead of what was changed.
	Subtree string          `json:"subtree"`
	Tag     string          `json:"tag"`
	Config  oci.ImageConfig `json:"config"`
}

func readRecipe(root, name string) (*recipe, error) {
	directory := filepath.Join(root, name)
	content, err := os.ReadFile(filepath.Join(directory, "image.json"))
	if err != nil {
		return nil, fmt.Errorf("read the recipe of image %s: %w", name, err)
	}
	read := &recipe{name: name, directory: directory}
	if err := json.Unmarshal(content, &read.description); err != nil {
		return nil, fmt.Errorf("read %s/image.json: %w", directory, err)
	}
	if read.Script != onHost && read.Script != inChroot {
		return nil, fmt.Errorf("%s/image.json: script is %q, not %q or %q",
			directory, read.Script, onHost, inChroot)
	}
	if read.Tag == "" {
		read.Tag = "latest"
	}
	if read.From != "" {
		read.from, err = readRecipe(root, read.From)
	}
	return read, err
}

// key changes with everything the image is made of, except the packages' versions: an image is
// made once, and again only when its recipe says so.
func (r *recipe) key() (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, format)
	if r.from != nil {
		key, err := r.from.key()
		if err != nil {
			return "", err
		}
		fmt.Fprintln(sum, key)
	}
	err := filepath.WalkDir(r.directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		fmt.Fprintf(sum, "%s %d\n%s", entry.Name(), len(content), content)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil))[:12], err
}
