package image

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/opencontainers/go-digest"
	specs "github.com/opencontainers/image-spec/specs-go"
	oci "github.com/opencontainers/image-spec/specs-go/v1"
)

// nameAnnotation is how containerd learns an image's name from a layout.
const nameAnnotation = "io.containerd.image.name"

// layout is a directory in the OCI image format, with one image in it.
type layout string

func (l layout) blob(of digest.Digest) string {
	return filepath.Join(string(l), "blobs", of.Algorithm().String(), of.Encoded())
}

// addLayer stores what `write` writes as a layer. Layers are not compressed: they are read once, on
// the machine that made them.
func (l layout) addLayer(write func(io.Writer) error) (oci.Descriptor, error) {
	directory := filepath.Join(string(l), "blobs", "sha256")
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return oci.Descriptor{}, err
	}
	file, err := os.CreateTemp(directory, "layer-")
	if err != nil {
		return oci.Descriptor{}, err
	}
	defer file.Close()
	sum := sha256.New()
	if err := write(io.MultiWriter(file, sum)); err != nil {
		return oci.Descriptor{}, err
	}
	info, err := file.Stat()
	if err != nil {
		return oci.Descriptor{}, err
	}
	name := digest.NewDigest(digest.SHA256, sum)
	return oci.Descriptor{MediaType: oci.MediaTypeImageLayer, Digest: name, Size: info.Size()},
		os.Rename(file.Name(), l.blob(name))
}

// linkLayers takes over another image's layers without copying them.
func (l layout) linkLayers(from layout, layers []oci.Descriptor) error {
	for _, layer := range layers {
		target := l.blob(layer.Digest)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.Link(from.blob(layer.Digest), target); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

func (l layout) addJSON(mediaType string, value any) (oci.Descriptor, error) {
	content, err := json.Marshal(value)
	if err != nil {
		return oci.Descriptor{}, err
	}
	name := digest.FromBytes(content)
	if err := os.MkdirAll(filepath.Dir(l.blob(name)), 0o755); err != nil {
		return oci.Descriptor{}, err
	}
	return oci.Descriptor{MediaType: mediaType, Digest: name, Size: int64(len(content))},
		os.WriteFile(l.blob(name), content, 0o644)
}

// finish writes configuration, manifest and index of the image, under all the names given; the
// name by digest is added.
func (l layout) finish(
	config oci.ImageConfig, layers []oci.Descriptor, repository, tag string,
) (oci.Descriptor, error) {
	image := oci.Image{Platform: oci.Platform{Architecture: "amd64", OS: "linux"}, Config: config}
	image.RootFS.Type = "layers"
	for _, layer := range layers {
		image.RootFS.DiffIDs = append(image.RootFS.DiffIDs, layer.Digest)
	}
	configBlob, err := l.addJSON(oci.MediaTypeImageConfig, image)
	if err != nil {
		return oci.Descriptor{}, err
	}
	manifest, err := l.addJSON(oci.MediaTypeImageManifest, oci.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: oci.MediaTypeImageManifest,
		Config: configBlob, Layers: layers,
	})
	if err != nil {
		return oci.Descriptor{}, err
	}
	return manifest, l.writeIndex(manifest, repository+":"+tag,
		fmt.Sprintf("%s@%s", repository, manifest.Digest))
}

func (l layout) writeIndex(manifest oci.Descriptor, names ...string) error {
	index := oci.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: oci.MediaTypeImageIndex,
	}
	for _, name := range names {
		named := manifest
		named.Annotations = map[string]string{nameAnnotation: name}
		index.Manifests = append(index.Manifests, named)
	}
	if err := writeJSON(filepath.Join(string(l), "index.json"), index); err != nil {
		return err
	}
	return writeJSON(filepath.Join(string(l), oci.ImageLayoutFile),
		oci.ImageLayout{Version: oci.ImageLayoutVersion})
}

func (l layout) index() (oci.Index, error) {
	var index oci.Index
	return index, readJSON(filepath.Join(string(l), "index.json"), &index)
}

// manifest reads the one image's manifest, and which digest names it.
func (l layout) manifest() (oci.Manifest, digest.Digest, error) {
	var manifest oci.Manifest
	index, err := l.index()
	if err != nil {
		return manifest, "", err
	}
	if len(index.Manifests) == 0 {
		return manifest, "", fmt.Errorf("%s holds no image", l)
	}
	name := index.Manifests[0].Digest
	return manifest, name, readJSON(l.blob(name), &manifest)
}

func readJSON(path string, value any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, value); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

func writeJSON(path string, value any) error {
	content, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}
