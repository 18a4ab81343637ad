using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;

namespace DeviceMail.Storage;

/// <summary>What a secret belongs to. Sealed in: a secret whose owner's addresses were changed, in whatever way, opens no more.</summary>
/// <param name="Owner">The account it is for.</param>
/// <param name="Field">Which of its secrets.</param>
/// <param name="Endpoint">All addresses it may be shown to, in one canonical line.</param>
public sealed record SecretName(string Owner, string Field, string Endpoint);

/// <summary>
/// Tokens and passwords, each sealed by AES-256-GCM, in a database of their own with secure_delete. A put has returned when it is on the disk.
/// </summary>
public sealed class SecretStore : IDisposable
{
    private const byte Version = 1;
    private const int NonceOctets = 12, TagOctets = 16, HeadOctets = 1 + 4;

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly Keyring _keyring;
    private DatabaseSession? _session;

    /// <exception cref="StartRefusedException">The file is damaged, in use, or written by a newer version.</exception>
    public SecretStore(DataFolder folder, Keyring keyring)
    {
        (_path, _keyring) = (folder.Secrets, keyring);
        DatabaseFile.BringUpToDate(_path, "SecretsSchema");
    }

    /// <exception cref="StorageFailedException">The disk did not keep it; the former secret stands.</exception>
    public void Put(SecretName name, Secret secret)
    {
        var box = Seal(name, secret);
        Run(session => session.Execute("INSERT INTO secret (owner, field, sealed) VALUES (@1, @2, @3) ON CONFLICT (owner, field) DO UPDATE SET sealed = @3", name.Owner, name.Field, box));
    }

    /// <summary>Null when there is none, or it was sealed for other addresses or with another key.</summary>
    /// <exception cref="StorageFailedException">The disk does not give it now.</exception>
    public Secret? Find(SecretName name)
    {
        var found = Run(session => session.First("SELECT sealed FROM secret WHERE owner = @1 AND field = @2", row => row.Bytes(0), name.Owner, name.Field));
        return found is null ? null : Open(name, found);
    }

    /// <exception cref="StorageFailedException">The disk does not say so now.</exception>
    public bool Exists(string owner, string field) =>
        Run(session => session.First("SELECT 1 FROM secret WHERE owner = @1 AND field = @2", row => row.Flag(0), owner, field));

    public void Remove(string owner, string field) => Run(session => session.Execute("DELETE FROM secret WHERE owner = @1 AND field = @2", owner, field));

    public void RemoveAll(string owner) => Run(session => session.Execute("DELETE FROM secret WHERE owner = @1", owner));

    /// <summary>Removes the secrets of owners whose name begins so, and who are not among these.</summary>
    public void KeepOnly(string prefix, IReadOnlyCollection<string> owners) => Run(session =>
    {
        foreach (var owner in session.Query("SELECT DISTINCT owner FROM secret", row => row.Text(0)).Where(owner => owner.StartsWith(prefix, StringComparison.Ordinal) && !owners.Contains(owner)))
            session.Execute("DELETE FROM secret WHERE owner = @1", owner);
        return true;
    });

    public void Dispose() => Close();

    /// <summary>One at a time. After a fault the file is opened anew: a handle whose sync failed is not believed again.</summary>
    private T Run<T>(Func<DatabaseSession, T> work)
    {
        lock (_lock)
        {
            try
            {
                return work(_session ??= OpenSession());
            }
            catch (SqliteException fault)
            {
                Close();
                throw DatabaseFile.Failed(fault);
            }
        }
    }

    private DatabaseSession OpenSession()
    {
        var session = new DatabaseSession(DatabaseFile.Open(_path));
        session.Execute("PRAGMA secure_delete=ON");
        session.Execute("PRAGMA wal_autocheckpoint=1");
        return session;
    }

    private void Close()
    {
        _session?.Dispose();
        _session = null;
    }

    private byte[] Seal(SecretName name, Secret secret)
    {
        var plain = Encoding.UTF8.GetBytes(secret.Reveal());
        var box = new byte[HeadOctets + NonceOctets + TagOctets + plain.Length];
        box[0] = Version;
        BinaryPrimitives.WriteUInt32LittleEndian(box.AsSpan(1), _keyring.Id);
        var nonce = box.AsSpan(HeadOctets, NonceOctets);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(_keyring.Key, TagOctets);
        cipher.Encrypt(nonce, plain, box.AsSpan(HeadOctets + NonceOctets + TagOctets), box.AsSpan(HeadOctets + NonceOctets, TagOctets), Associated(name));
        CryptographicOperations.ZeroMemory(plain);
        return box;
    }

    private Secret? Open(SecretName name, byte[] box)
    {
        if (box.Length < HeadOctets + NonceOctets + TagOctets || box[0] != Version) return null;
        if (BinaryPrimitives.ReadUInt32LittleEndian(box.AsSpan(1)) != _keyring.Id) return null;
        var plain = new byte[box.Length - HeadOctets - NonceOctets - TagOctets];
        try
        {
            using var cipher = new AesGcm(_keyring.Key, TagOctets);
            cipher.Decrypt(box.AsSpan(HeadOctets, NonceOctets), box.AsSpan(HeadOctets + NonceOctets + TagOctets), box.AsSpan(HeadOctets + NonceOctets, TagOctets), plain, Associated(name));
            return new Secret(Encoding.UTF8.GetString(plain));
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static byte[] Associated(SecretName name) => Encoding.UTF8.GetBytes($"{name.Owner}\n{name.Field}\n{name.Endpoint}");
}
