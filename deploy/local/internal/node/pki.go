package node

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

const certificateLifetime = 10 * 365 * 24 * time.Hour

// identity is a certificate to be made: whom it names, and where it may serve.
type identity struct {
	file          string
	commonName    string
	organizations []string
	names         []string
	addresses     []string
}

var identities = []identity{
	{
		file: "apiserver", commonName: "kube-apiserver",
		names: []string{
			"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
			"kubernetes.default.svc.cluster.local",
		},
		addresses: []string{"127.0.0.1", apiServiceIP, bridgeAddress},
	},
	{file: "etcd", commonName: "etcd", addresses: []string{"127.0.0.1"}},
	{file: "admin", commonName: "admin", organizations: []string{"system:masters"}},
	{file: "controller-manager", commonName: "system:kube-controller-manager"},
	{file: "scheduler", commonName: "system:kube-scheduler"},
	{file: "proxy", commonName: "system:kube-proxy"},
	{
		file: "kubelet", commonName: "system:node:" + nodeName, organizations: []string{"system:nodes"},
		names: []string{nodeName, "localhost"}, addresses: []string{"127.0.0.1", bridgeAddress},
	},
}

func pkiPath(file string) string { return statePath("pki", file) }

// authority signs everything in the cluster.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// ensurePKI makes what is missing of the authority, its certificates and the key that signs
// service accounts' tokens. What exists is kept: running pods hold tokens signed with it.
func ensurePKI() error {
	ca, err := ensureAuthority()
	if err != nil {
		return err
	}
	for _, wanted := range identities {
		if err := ca.ensure(wanted); err != nil {
			return fmt.Errorf("certificate of %s: %w", wanted.commonName, err)
		}
	}
	return ensureServiceAccountKey()
}

func ensureAuthority() (*authority, error) {
	key, err := ensureKey(pkiPath("ca.key"))
	if err != nil {
		return nil, err
	}
	encoded, err := os.ReadFile(pkiPath("ca.crt"))
	if errors.Is(err, fs.ErrNotExist) {
		return createAuthority(key)
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(encoded)
	if block == nil {
		return nil, fmt.Errorf("%s holds no certificate: run `down` first", pkiPath("ca.crt"))
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	return &authority{certificate, key}, err
}

func createAuthority(key *ecdsa.PrivateKey) (*authority, error) {
	template := certificateOf("tenantry local cluster")
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	if err := writePEM(pkiPath("ca.crt"), "CERTIFICATE", der); err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	return &authority{certificate, key}, err
}

// ensure makes the certificate unless it is there.
func (a *authority) ensure(wanted identity) error {
	path := pkiPath(wanted.file + ".crt")
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	key, err := ensureKey(pkiPath(wanted.file + ".key"))
	if err != nil {
		return err
	}
	template := certificateOf(wanted.commonName)
	template.Subject.Organization = wanted.organizations
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
	template.DNSNames = wanted.names
	for _, address := range wanted.addresses {
		template.IPAddresses = append(template.IPAddresses, net.ParseIP(address))
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		return err
	}
	return writePEM(path, "CERTIFICATE", der)
}

func ensureServiceAccountKey() error {
	key, err := ensureKey(pkiPath("service-account.key"))
	if err != nil {
		return err
	}
	return writePublicKey(pkiPath("service-account.pub"), key.Public())
}

// certificateOf is a certificate to be filled in. It is good from yesterday on, for machines whose
// clock is set back.
func certificateOf(commonName string) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic(fmt.Sprintf("the system gives no random numbers: %v", err))
	}
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: commonName},
		NotBefore:    now.Add(-24 * time.Hour),
		NotAfter:     now.Add(certificateLifetime),
	}
}

func ensureKey(path string) (*ecdsa.PrivateKey, error) {
	encoded, err := os.ReadFile(path)
	if err == nil {
		block, _ := pem.Decode(encoded)
		if block == nil {
			return nil, fmt.Errorf("%s holds no key: run `down` first", path)
		}
		return x509.ParseECPrivateKey(block.Bytes)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, writePEM(path, "EC PRIVATE KEY", der)
}

func writePublicKey(path string, key crypto.PublicKey) error {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return err
	}
	return writePEM(path, "PUBLIC KEY", der)
}

func writePEM(path, kind string, der []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return writeFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
