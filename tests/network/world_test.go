package network

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// podAddress is what every pod has: private, like pods of nearly all clusters.
const podAddress = "10.1.2.3"

// party is somebody who reaches or is reached.
type party struct {
	name string
	peer *matcher.TrafficPeer
}

// object is what is needed of a rendered object.
type object struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Template struct {
			metav1.ObjectMeta `json:"metadata"`
		} `json:"template"`
	} `json:"spec"`

	text string
}

type objects []object

// read reads the golden file of that name: manifests as they are rendered.
func read(t *testing.T, name string) objects {
	t.Helper()
	folder := "../../crates/render/tests/golden/snapshots"
	text, err := os.ReadFile(filepath.Join(folder, "golden__"+name+".snap"))
	if err != nil {
		t.Fatal(err)
	}
	var found objects
	for _, document := range strings.Split(string(text), "\n---\n") {
		object := object{text: document}
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if object.Kind != "" {
			found = append(found, object)
		}
	}
	if len(found) == 0 {
		t.Fatalf("%s holds no manifests", name)
	}
	return found
}

// renamed is the same in another namespace.
func (all objects) renamed(from, to string) objects {
	for i := range all {
		all[i].text = strings.ReplaceAll(all[i].text, from, to)
		all[i].Namespace = strings.ReplaceAll(all[i].Namespace, from, to)
		all[i].Name = strings.ReplaceAll(all[i].Name, from, to)
	}
	return all
}

// gather is every NetworkPolicy.
func gather(worlds ...objects) []*networkingv1.NetworkPolicy {
	var policies []*networkingv1.NetworkPolicy
	for _, world := range worlds {
		for _, object := range world {
			if object.Kind != "NetworkPolicy" {
				continue
			}
			policy := &networkingv1.NetworkPolicy{}
			if err := yaml.UnmarshalStrict([]byte(object.text), policy); err != nil {
				panic(err)
			}
			policies = append(policies, policy)
		}
	}
	return policies
}

// pods are those of the only workload of a kind.
func (all objects) pods(t *testing.T, kind string) party {
	t.Helper()
	for _, object := range all {
		if object.Kind == kind {
			return all.in(t, object.Namespace, object.Spec.Template.Labels)
		}
	}
	t.Fatalf("there is no %s", kind)
	return party{}
}

// in is a pod in one of our namespaces.
func (all objects) in(t *testing.T, namespace string, labels map[string]string) party {
	t.Helper()
	pod := stranger(namespace, labels)
	for _, object := range all {
		if object.Kind == "Namespace" && object.Name == namespace {
			for label, value := range object.Labels {
				pod.peer.Internal.NamespaceLabels[label] = value
			}
		}
	}
	return pod
}

// stranger is a pod in a namespace that has the label which all namespaces have.
func stranger(namespace string, labels map[string]string) party {
	return party{
		name: namespace + "/" + labels["app.kubernetes.io/name"],
		peer: &matcher.TrafficPeer{
			IP: podAddress,
			Internal: &matcher.InternalPeer{
				PodLabels:       labels,
				Namespace:       namespace,
				NamespaceLabels: map[string]string{"kubernetes.io/metadata.name": namespace},
			},
		},
	}
}

// labelled is another pod in the same namespace.
func (p party) labelled(labels map[string]string) party {
	other := stranger(p.peer.Internal.Namespace, labels)
	other.peer.Internal.NamespaceLabels = p.peer.Internal.NamespaceLabels
	return other
}

// outside is somebody who is no pod.
func outside(address string) party {
	return party{name: address, peer: &matcher.TrafficPeer{IP: address}}
}
