using System.Collections.Immutable;
using DeviceMail.Storage;

namespace DeviceMail.Printing;

public abstract record PrinterSave
{
    public sealed record Saved(Printer Printer) : PrinterSave;

    public sealed record Refused(string Sentence) : PrinterSave;
}

/// <summary>The printers people named, in memory and on disk.</summary>
public sealed class PrinterRegister
{
    private readonly Database _database;
    private volatile ImmutableSortedDictionary<long, Printer> _printers;

    public PrinterRegister(Database database)
    {
        _database = database;
        _printers = database.Read(session => session.Query("SELECT id, name, address, certificate FROM printer", Read)).ToImmutableSortedDictionary(one => one.Id, one => one);
    }

    public IReadOnlyList<Printer> All => [.. _printers.Values];

    public Printer? Find(string name) => _printers.Values.FirstOrDefault(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    public Printer? Find(PrinterAddress address) => _printers.Values.FirstOrDefault(one => one.Address == address);

    /// <param name="printer">A new one (id 0) or a changed one.</param>
    public async Task<PrinterSave> SaveAsync(Printer printer)
    {
        if (printer.Name.Length is 0 or > 100 || printer.Name.Any(char.IsControl)) return new PrinterSave.Refused("A printer needs a name of 1 to 100 characters.");
        if (Find(printer.Name) is { } named && named.Id != printer.Id) return new PrinterSave.Refused($"There is a printer “{named.Name}” already. Choose another name with --name.");
        if (Find(printer.Address) is { } known && known.Id != printer.Id) return new PrinterSave.Refused($"{known.Address} is in the list already, as “{known.Name}”.");
        var saved = await _database.WriteAsync(session =>
        {
            if (printer.Id != 0)
                session.Execute("UPDATE printer SET name = @2, address = @3, certificate = @4 WHERE id = @1", printer.Id, printer.Name, printer.Address.ToString(), printer.Certificate);
            else
                session.Execute("INSERT INTO printer (name, address, certificate) VALUES (@1, @2, @3)", printer.Name, printer.Address.ToString(), printer.Certificate);
            return printer.Id != 0 ? printer : printer with { Id = session.LastId };
        });
        _printers = _printers.SetItem(saved.Id, saved);
        return new PrinterSave.Saved(saved);
    }

    public async Task RemoveAsync(Printer printer)
    {
        await _database.WriteAsync(session => session.Execute("DELETE FROM printer WHERE id = @1", printer.Id));
        _printers = _printers.Remove(printer.Id);
    }

    private static Printer Read(Row row) => PrinterAddress.TryParse(row.Text(2), out var address)
        ? new Printer(row.Long(0), row.Text(1), address) { Certificate = row.TextOrNull(3) }
        : throw new InvalidOperationException($"The list of printers holds “{row.Text(2)}”, which is no address.");
}
