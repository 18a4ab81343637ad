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
    private readonly DatabaseSession _session;
    private readonly Keyring _keyring;

    public SecretStore(DataFolder folder, Keyring keyring)
    {
        _keyring = keyring;
        DatabaseFile.BringUpToDate(folder.Secrets, "SecretsSchema");
        _session = new DatabaseSession(DatabaseFile.Open(folder.Secrets));
        _session.Execute("PRAGMA secure_delete=ON");
        _session.Execute("PRAGMA wal_autocheckpoint=1");
    }

    /// <exception cref="StorageFailedException">The disk did not keep it; the former secret stands.</exception>
    public void Put(SecretName name, Secret secret)
    {
        var box = Seal(name, secret);
        Write("INSERT INTO secret (owner, field, sealed) VALUES (@1, @2, @3) ON CONFLICT (owner, field) DO UPDATE SET sealed = @3", name.Owner, name.Field, box);
    }

    /// <summary>Null when there is none, or it was sealed for other addresses or with another key.</summary>
    public Secret? Find(SecretName name)
    {
        lock (_lock)
        {
            var found = _session.First("SELECT sealed FROM secret WHERE owner = @1 AND field = @2", row => row.Bytes(0), name.Owner, name.Field);
            return found is null ? null : Open(name, found);
        }
    }

    public bool Exists(string owner, string field)
    {
        lock (_lock) return _session.First("SELECT 1 FROM secret WHERE owner = @1 AND field = @2", row => row.Flag(0), owner, field);
    }

    public void Remove(string owner, string field) => Write("DELETE FROM secret WHERE owner = @1 AND field = @2", owner, field);

    public void RemoveAll(string owner) => Write("DELETE FROM secret WHERE owner = @1", owner);

    public void Dispose() => _session.Dispose();

    private void Write(string sql, params ReadOnlySpan<object?> values)
    {
        lock (_lock)
        {
            try
            {
                _session.Execute(sql, values);
            }
            catch (SqliteException fault)
            {
                throw new StorageFailedException(StorageFailure.Broken, fault.Message, fault);
            }
        }
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
