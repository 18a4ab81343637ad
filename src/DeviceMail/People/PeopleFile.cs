using System.Text;
using System.Text.RegularExpressions;
using nietras.SeparatedValues;

namespace DeviceMail.People;

/// <summary>A line of a file of users. Null: the cell is empty, or there is no such column; then what is there stays.</summary>
/// <param name="Number">The line, counted from 1, in which it begins.</param>
internal sealed record PeopleLine(int Number)
{
    public required IReadOnlyDictionary<string, string> Cells { get; init; }

    public string? this[string column] => Cells.GetValueOrDefault(column);

    /// <summary>Its cells may hold passwords.</summary>
    public override string ToString() => $"Line {Number}";
}

/// <param name="Line">Counted from 1.</param>
/// <param name="Column">As the file's first line calls it; empty: the whole line.</param>
/// <param name="Sentence">What is wrong, and what it must be.</param>
public sealed record LineFault(int Line, string Column, string Sentence)
{
    public override string ToString() => Column.Length == 0 ? $"Line {Line}: {Sentence}" : $"Line {Line}, {Column}: {Sentence}";
}

/// <summary>
/// Users as a file of RFC 4180: UTF-8, the names of the columns in its first line, in any order; separated by commas, semicolons or tabs, because
/// spreadsheets write each of them.
/// </summary>
internal sealed partial record PeopleFile(IReadOnlyList<PeopleLine> Lines, IReadOnlyList<LineFault> Faults)
{
    public const string UserId = "UserId", DisplayName = "DisplayName", Address = "Address", SignInName = "SignInName", Department = "Department",
        Administrator = "Administrator", IdNumber = "IdNumber", CardId = "CardId", Password = "Password";

    /// <summary>What a form of a browser may hold.</summary>
    public const int MostOctets = 1 << 20;

    /// <summary>What an export holds, in its order.</summary>
    public static readonly IReadOnlyList<string> Open = [UserId, DisplayName, Address, SignInName, Department, Administrator];

    public static readonly IReadOnlyList<string> Columns = [.. Open, IdNumber, CardId, Password];

    private static readonly UTF8Encoding _strict = new(false, true);

    public static PeopleFile Read(ReadOnlySpan<byte> octets)
    {
        if (octets.Length > MostOctets) return Unreadable("The file is larger than 1 MB. Divide it, with the first line in each part.");
        if (octets.StartsWith(Encoding.UTF8.Preamble)) octets = octets[Encoding.UTF8.Preamble.Length..];
        try
        {
            return Read(_strict.GetString(octets));
        }
        catch (DecoderFallbackException)
        {
            return Unreadable("The file is not in UTF-8. Save it again, as “CSV UTF-8”.");
        }
    }

    /// <summary>All that is no secret. A cell that a spreadsheet would take for a formula gets an apostrophe in front.</summary>
    public static byte[] Write(IEnumerable<Person> people)
    {
        using var text = new StringWriter { NewLine = "\r\n" };
        using (var file = Sep.New(',').Writer(options => options with { Escape = true }).To(text))
        {
            file.Header.Add([.. Open]);
            foreach (var person in people)
            {
                using var row = file.NewRow();
                foreach (var column in Open) row[column].Set(Guarded(CellOf(person, column)));
            }
        }
        return [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text.ToString())];
    }

    /// <summary>What an export says of a person, and an import compares with.</summary>
    public static string CellOf(Person person, string column) => column switch
    {
        UserId => person.UserId,
        DisplayName => person.DisplayName,
        Address => person.Address.ToString(),
        SignInName => person.SignInName,
        Department => person.Department,
        _ => person.IsAdministrator ? "yes" : "no",
    };

    private static PeopleFile Read(string text)
    {
        // Quotation marks stay in the cells: what is wrong with them is told, not guessed.
        using var rows = Sep.New(SeparatorOf(text)).Reader(options => options with { HasHeader = false, DisableColCountCheck = true }).FromText(text);
        var (lines, faults) = (new List<PeopleLine>(), new List<LineFault>());
        List<string>? header = null;
        try
        {
            foreach (var row in rows)
            {
                var (cells, torn) = CellsOf(row);
                if (cells.TrueForAll(cell => cell.Length == 0)) continue;
                if (header is null)
                {
                    if (HeaderFaults(header = cells) is { Count: > 0 } wrong) return new PeopleFile([], wrong);
                    continue;
                }
                if (lines.Count + faults.Count >= PersonRegister.Most) return Unreadable($"The file has more than {PersonRegister.Most:N0} users, and the gateway keeps no more.");
                if (torn is { } at) faults.Add(new LineFault(row.LineNumberFrom, NameOf(header, at), "The quotation marks do not fit: a cell with one in it stands in quotation marks, and the one in it is written twice."));
                else if (cells.Count > header.Count) faults.Add(new LineFault(row.LineNumberFrom, "", $"It has {cells.Count} cells, and the first line has {header.Count}."));
                else lines.Add(new PeopleLine(row.LineNumberFrom) { Cells = Named(header, cells) });
            }
        }
        catch (Exception fault) when (fault is InvalidDataException or NotSupportedException or ArgumentException)
        {
            return Unreadable("The file has a line that is too long or has too many cells to be one of users.");
        }
        return header is null ? Unreadable($"The file is empty. Its first line names the columns: {string.Join(',', Columns)}.") : new PeopleFile(lines, faults);
    }

    private static PeopleFile Unreadable(string sentence) => new([], [new LineFault(1, "", sentence)]);

    /// <summary>The one that stands most often in the first line.</summary>
    private static char SeparatorOf(string text)
    {
        var first = text.AsSpan().TrimStart("\r\n");
        if (first.IndexOfAny('\r', '\n') is var end and >= 0) first = first[..end];
        var (best, most) = (',', 0);
        foreach (var separator in ",;\t")
            if (first.Count(separator) is var count && count > most) (best, most) = (separator, count);
        return best;
    }

    /// <summary>Which of the cells has quotation marks that do not fit; null: none.</summary>
    private static (List<string> Cells, int? Torn) CellsOf(SepReader.Row row)
    {
        var (cells, torn) = (new List<string>(row.ColCount), (int?)null);
        for (var i = 0; i < row.ColCount; i++)
        {
            var cell = row[i].Span;
            if (!cell.Contains('"')) cells.Add(cell.Trim().ToString());
            else if (Unquoted(cell.Trim()) is { } plain) cells.Add(plain);
            else
            {
                torn ??= i;
                cells.Add(cell.ToString());
            }
        }
        return (cells, torn);
    }

    /// <summary>RFC 4180, 2.5 to 2.7. Null: not so written.</summary>
    private static string? Unquoted(ReadOnlySpan<char> cell)
    {
        if (cell.Length < 2 || cell[0] != '"' || cell[^1] != '"') return null;
        var inner = cell[1..^1].ToString();
        var plain = inner.Replace("\"\"", "", StringComparison.Ordinal);
        return plain.Contains('"', StringComparison.Ordinal) ? null : inner.Replace("\"\"", "\"", StringComparison.Ordinal);
    }

    private static List<LineFault> HeaderFaults(List<string> header)
    {
        var faults = new List<LineFault>();
        for (var i = 0; i < header.Count; i++)
        {
            var known = Columns.FirstOrDefault(column => column.Equals(header[i], StringComparison.OrdinalIgnoreCase));
            if (known is null)
                faults.Add(new LineFault(1, "", $"“{Shown(header[i])}” is no column of this file. The first line names the columns, which are {string.Join(", ", Columns)}."));
            else if (header.Take(i).Contains(known)) faults.Add(new LineFault(1, known, "This column is there twice."));
            header[i] = known ?? header[i];
        }
        foreach (var needed in (string[])[UserId, Address])
            if (!header.Contains(needed)) faults.Add(new LineFault(1, needed, "This column is missing, and it is needed."));
        return faults;
    }

    private static Dictionary<string, string> Named(List<string> header, List<string> cells)
    {
        var named = new Dictionary<string, string>();
        for (var i = 0; i < cells.Count; i++)
            if (cells[i].Length > 0) named[header[i]] = Open.Contains(header[i]) ? Unguarded(cells[i].Trim()) : cells[i];
        return named;
    }

    private static string NameOf(List<string> header, int column) => column < header.Count ? header[column] : "";

    private static string Shown(string text) => new([.. text.Where(c => !char.IsControl(c)).Take(40)]);

    private static string Guarded(string cell) => Formula().IsMatch(cell) ? $"'{cell}" : cell;

    private static string Unguarded(string cell) => cell is ['\'', ..] && Formula().IsMatch(cell.AsSpan(1)) ? cell[1..] : cell;

    /// <summary>What a spreadsheet reckons, also behind apostrophes of its own: those are guarded too, so that each comes back as it was.</summary>
    [GeneratedRegex("^'*[=+\\-@]")]
    private static partial Regex Formula();
}
