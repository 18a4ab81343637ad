using System.Collections.Immutable;
using DeviceMail.Storage;

namespace DeviceMail.Scanning;

public abstract record ScannerSave
{
    public sealed record Saved(Scanner Scanner) : ScannerSave;

    public sealed record Refused(string Sentence) : ScannerSave;
}

/// <summary>The scanners that people scan from, in memory and on disk.</summary>
public sealed class ScannerRegister
{
    private readonly Database _database;
    private volatile ImmutableSortedDictionary<long, Scanner> _scanners;

    public ScannerRegister(Database database)
    {
        _database = database;
        _scanners = database.Read(session => session.Query("SELECT id, name, address, certificate FROM scanner", Read)).ToImmutableSortedDictionary(one => one.Id, one => one);
    }

    /// <summary>By name.</summary>
    public IReadOnlyList<Scanner> All => [.. _scanners.Values.OrderBy(one => one.Name, StringComparer.OrdinalIgnoreCase)];

    public Scanner? Find(long id) => _scanners.GetValueOrDefault(id);

    public Scanner? Find(string name) => _scanners.Values.FirstOrDefault(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    public Scanner? Find(ScannerAddress address) => _scanners.Values.FirstOrDefault(one => one.Address == address);

    /// <summary>The one that announces itself so; it may be in the list by its other address, with or without encryption.</summary>
    public Scanner? Find(FoundScanner found) => Find(found.Address)
        ?? _scanners.Values.FirstOrDefault(one => one.Address.Host == found.Address.Host && one.Address.IsEncrypted != found.Address.IsEncrypted);

    /// <param name="scanner">A new one (id 0) or a changed one.</param>
    public async Task<ScannerSave> SaveAsync(Scanner scanner)
    {
        if (scanner.Name.Trim().Length is 0 or > 100 || scanner.Name.Any(char.IsControl)) return new ScannerSave.Refused("A scanner needs a name of 1 to 100 characters.");
        if (scanner.Id != 0 && Find(scanner.Id) is null) return new ScannerSave.Refused($"The scanner “{scanner.Name}” is no longer in the list.");
        if (Find(scanner.Name) is { } named && named.Id != scanner.Id) return new ScannerSave.Refused($"There is a scanner “{named.Name}” already. Choose another name.");
        if (Find(scanner.Address) is { } known && known.Id != scanner.Id) return new ScannerSave.Refused($"{known.Address} is in the list already, as “{known.Name}”.");
        var saved = await _database.WriteAsync(session =>
        {
            if (scanner.Id != 0)
                session.Execute("UPDATE scanner SET name = @2, address = @3, certificate = @4 WHERE id = @1", scanner.Id, scanner.Name, scanner.Address.ToString(), scanner.Certificate);
            else
                session.Execute("INSERT INTO scanner (name, address, certificate) VALUES (@1, @2, @3)", scanner.Name, scanner.Address.ToString(), scanner.Certificate);
            return scanner.Id != 0 ? scanner : scanner with { Id = session.LastId };
        });
        _scanners = _scanners.SetItem(saved.Id, saved);
        return new ScannerSave.Saved(saved);
    }

    public async Task RemoveAsync(Scanner scanner)
    {
        await _database.WriteAsync(session => session.Execute("DELETE FROM scanner WHERE id = @1", scanner.Id));
        _scanners = _scanners.Remove(scanner.Id);
    }

    private static Scanner Read(Row row) => ScannerAddress.TryParse(row.Text(2), out var address)
        ? new Scanner(row.Long(0), row.Text(1), address) { Certificate = row.TextOrNull(3) }
        : throw new InvalidOperationException($"The list of scanners holds “{row.Text(2)}”, which is no address.");
}
