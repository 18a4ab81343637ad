namespace DeviceMail.Documents;

/// <summary>
/// Sets a sheet on one page. What finds no room is never cut: whole blocks are left out, and the section says how many.
/// </summary>
public sealed class SheetWriter
{
    private const double Side = 54, Top = 56, Bottom = 44, LabelWidth = 136, CodeSide = 88, CodeGap = 28, AboveFoot = 30;
    private const double RowPitch = 12.6, AfterRow = 1.6, AfterBlock = 8, Heading = 25, UnderHeading = 5, BlockTitle = 15, LabelGap = 8;

    /// <summary>How high a capital letter of Helvetica is, in parts of its size.</summary>
    private const double CapHeight = 0.718;

    private static readonly Ink Title = new(SheetFont.Strong, 22, 0.08);
    private static readonly Ink Headline = new(SheetFont.Strong, 12.5, 0.08);
    private static readonly Ink Advice = new(SheetFont.Plain, 9.5, 0.08);
    private static readonly Ink Section = new(SheetFont.Strong, 11.5, 0.08);
    private static readonly Ink Label = new(SheetFont.Plain, 9, 0.36);
    private static readonly Ink Value = new(SheetFont.Plain, 9, 0.08);
    private static readonly Ink StrongValue = new(SheetFont.Strong, 9, 0.08);
    private static readonly Ink FixedValue = new(SheetFont.Fixed, 8.4, 0.08);
    private static readonly Ink Small = new(SheetFont.Plain, 7.5, 0.36);

    private readonly PdfPage _page;
    private readonly Paper _paper;
    private readonly PrintedSheet _sheet;
    private double _y = Top;
    private double _right;
    private bool _isMissing;

    private SheetWriter(PdfPage page, Paper paper, PrintedSheet sheet) => (_page, _paper, _sheet, _right) = (page, paper, sheet, paper.Width - Side);

    /// <summary>The sheet as a PDF of one page: the same sheet, the same octets.</summary>
    public static byte[] Write(PrintedSheet sheet, Paper paper)
    {
        using var page = new PdfPage(paper);
        new SheetWriter(page, paper, sheet).Write();
        return page.ToOctets(sheet.Title, sheet.At);
    }

    private double Floor => _paper.Height - Bottom - AboveFoot;

    private void Write()
    {
        WriteHead();
        var shown = Share(Floor - _y);
        for (var i = 0; i < shown.Length; i++) WriteSection(_sheet.Sections[i], shown[i]);
        WriteFoot();
    }

    /// <summary>
    /// How many blocks of each section are shown. First each section gets one in turn, then one more each as long as there is room; there the later ones
    /// come first, so that the long first section does not starve them.
    /// </summary>
    private int[] Share(double room)
    {
        var sections = _sheet.Sections;
        var shown = new int[sections.Count];
        for (var i = 0; i < shown.Length; i++) Grow(i);
        bool grew;
        do
        {
            grew = false;
            for (var i = shown.Length - 1; i >= 0; i--) grew |= Grow(i);
        }
        while (grew);
        return shown;

        bool Grow(int section)
        {
            if (shown[section] == sections[section].Blocks.Count) return false;
            shown[section]++;
            if (sections.Select((one, at) => HeightOf(one, shown[at])).Sum() <= room) return true;
            shown[section]--;
            return false;
        }
    }

    private void WriteHead()
    {
        var whole = _right;
        var codeEnd = 0.0;
        if (_sheet.Code is { } code)
        {
            _page.Qr(code.Address, _right - CodeSide, Top, CodeSide);
            var words = Clean(code.Words);
            _page.Text(words, _right - CodeSide, Top + CodeSide + 11, Small);
            codeEnd = Top + CodeSide + 11;
            _right -= CodeSide + CodeGap;
        }
        _y = Top + Title.Size * CapHeight;
        _page.Text(Clean(_sheet.Title), Side, _y, Title);
        _y += 15;
        foreach (var row in _sheet.Head) WriteRow(row);
        _right = whole;
        _y = Math.Max(_y, codeEnd) + 14;
        WriteAnswer(_sheet.Answer);
    }

    /// <summary>A filled box means that this needs a person; a healthy sheet has none.</summary>
    private void WriteAnswer(SheetAnswer answer)
    {
        var inset = answer.NeedsPerson ? 12 : 0;
        var headline = Headline.Font.Wrap(Clean(answer.Headline), Headline.Size, _right - Side - 2 * inset);
        var advice = Advice.Font.Wrap(Clean(answer.Advice), Advice.Size, _right - Side - 2 * inset);
        var (pitch, tighter, top) = (15.5, 13.0, _y);
        var height = Headline.Size * CapHeight + headline.Count * pitch + (advice.Count - 1) * tighter;
        if (answer.NeedsPerson) _page.Box((Side, top), _right - Side, height + 2 * inset, 0.92);
        _y += inset + Headline.Size * CapHeight;
        foreach (var line in headline) WriteLine(line, Headline, pitch, inset);
        foreach (var line in advice) WriteLine(line, Advice, tighter, inset);
        _y = top + height + 2 * inset;
    }

    private void WriteLine(string line, Ink ink, double pitch, double inset)
    {
        _page.Text(line, Side + inset, _y, ink);
        _y += pitch;
    }

    private void WriteSection(SheetSection section, int shown)
    {
        _y += Heading;
        _page.Text(Clean(section.Title), Side, _y, Section);
        _page.Box((Side, _y + 5), _right - Side, 0.6, 0.7);
        _y += UnderHeading;
        for (var i = 0; i < shown; i++)
        {
            var block = section.Blocks[i];
            if (block.Title.Length > 0)
            {
                _page.Text(Clean(block.Title), Side, _y + BlockTitle, Headline with { Size = 10 });
                _y += BlockTitle;
            }
            foreach (var row in block.Rows) WriteRow(row);
            if (block.Title.Length > 0) _y += AfterBlock;
        }
        // Below the last block stands the next heading, with a distance of its own.
        if (shown > 0 && shown == section.Blocks.Count && section.Blocks[^1].Title.Length > 0) _y -= AfterBlock;
        if (shown < section.Blocks.Count) WriteRow(new SheetRow("", section.LeftOut(section.Blocks.Skip(shown).ToList())) { Letters = SheetLetters.Strong });
    }

    private void WriteRow(SheetRow row)
    {
        var (labels, values) = Lines(row);
        for (var i = 0; i < labels.Count; i++) _page.Text(labels[i], Side, _y + AfterRow + (i + 1) * RowPitch, Label);
        for (var i = 0; i < values.Count; i++) _page.Text(values[i], Side + LabelWidth, _y + AfterRow + (i + 1) * RowPitch, InkOf(row));
        _y += HeightOf(row);
    }

    private void WriteFoot()
    {
        var y = _paper.Height - Bottom;
        var foot = _isMissing ? $"{_sheet.Foot}  {SheetFont.Missing} stands for a character that this sheet’s font lacks." : _sheet.Foot;
        var lines = Small.Font.Wrap(Clean(foot), Small.Size, _right - Side);
        for (var i = 0; i < lines.Count; i++) _page.Text(lines[i], Side, y - (lines.Count - 1 - i) * 10, Small);
    }

    /// <summary>With its heading, and with the line that says what is left out.</summary>
    private double HeightOf(SheetSection section, int shown) =>
        Heading + UnderHeading + section.Blocks.Take(shown).Sum(HeightOf) + (shown < section.Blocks.Count ? AfterRow + RowPitch : 0);

    private double HeightOf(SheetBlock block) => (block.Title.Length > 0 ? BlockTitle + AfterBlock : 0) + block.Rows.Sum(HeightOf);

    private double HeightOf(SheetRow row)
    {
        var (labels, values) = Lines(row);
        return AfterRow + Math.Max(labels.Count, values.Count) * RowPitch;
    }

    private (List<string> Label, List<string> Value) Lines(SheetRow row) => (
        Label.Font.Wrap(Clean(row.Label), Label.Size, LabelWidth - LabelGap),
        InkOf(row).Font.Wrap(Clean(row.Value), InkOf(row).Size, _right - Side - LabelWidth));

    private static Ink InkOf(SheetRow row) => row.Letters switch
    {
        SheetLetters.Strong => StrongValue,
        SheetLetters.Fixed => FixedValue,
        _ => Value,
    };

    private string Clean(string text)
    {
        var clean = SheetFont.Printable(text);
        _isMissing |= clean.Contains(SheetFont.Missing, StringComparison.Ordinal) && clean != text;
        return clean;
    }
}
