package image

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/opencontainers/go-digest"
	oci "github.com/opencontainers/image-spec/specs-go/v1"
)

// registry keeps what is pushed to it.
type registry struct {
	guard     sync.Mutex
	blobs     map[string][]byte
	manifests map[string][]byte
}

func (r *registry) ServeHTTP(answer http.ResponseWriter, request *http.Request) {
	r.guard.Lock()
	defer r.guard.Unlock()
	body, _ := io.ReadAll(request.Body)
	_, name, manifest := strings.Cut(request.URL.Path, "/manifests/")
	switch {
	case request.Method == http.MethodPost:
		answer.Header().Set("Location", request.URL.Path+"one")
		answer.WriteHeader(http.StatusAccepted)
	case request.Method == http.MethodPut && manifest:
		r.manifests[name] = body
		answer.Header().Set("Docker-Content-Digest", digest.FromBytes(body).String())
		answer.WriteHeader(http.StatusCreated)
	case request.Method == http.MethodPut:
		r.blobs[request.URL.Query().Get("digest")] = body
		answer.WriteHeader(http.StatusCreated)
	default:
		answer.WriteHeader(http.StatusNotFound)
	}
}

func TestAPushedImageHasCompressedLayersOfTheSameContent(t *testing.T) {
	source := layout(t.TempDir())
	layer, err := source.addLayer(func(file io.Writer) error {
		_, err := io.WriteString(file, "the layer")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := source.finish(oci.ImageConfig{}, []oci.Descriptor{layer}, "a/b", "latest"); err != nil {
		t.Fatal(err)
	}
	held := &registry{blobs: map[string][]byte{}, manifests: map[string][]byte{}}
	server := httptest.NewServer(held)
	defer server.Close()

	pushed, err := Push(context.Background(), string(source), server.Listener.Addr().String()+"/team/odoo")
	if err != nil {
		t.Fatal(err)
	}
	var manifest oci.Manifest
	if err := json.Unmarshal(held.manifests[pushed.Digest], &manifest); err != nil {
		t.Fatalf("the registry holds no manifest %s: %v", pushed.Digest, err)
	}
	reader, err := gzip.NewReader(bytes.NewReader(held.blobs[manifest.Layers[0].Digest.String()]))
	if err != nil {
		t.Fatal(err)
	}
	if content, _ := io.ReadAll(reader); string(content) != "the layer" {
		t.Errorf("the layer holds %q", content)
	}
	if held.blobs[manifest.Config.Digest.String()] == nil {
		t.Error("the configuration was not pushed")
	}
}
