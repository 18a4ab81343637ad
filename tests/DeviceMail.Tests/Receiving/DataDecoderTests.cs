using System.IO.Pipelines;
using System.Text;
using CsCheck;
using DeviceMail.Receiving;

namespace DeviceMail.Tests.Receiving;

/// <summary>The decoder against its contract, on octets that look like ends of lines and of data.</summary>
public sealed class DataDecoderTests
{
    private static readonly Gen<string> _octets = Gen.String[Gen.Char["\r\r\n\n\n..a: \0"], 0, 40];

    [Theory]
    [InlineData(LineEnds.Strict)]
    [InlineData(LineEnds.LfOnly)]
    public void A_message_does_not_depend_on_where_it_is_cut(LineEnds ends) => Gen.Select(_octets, Gen.Int[0, 40], Gen.Int[1, 5]).Sample((octets, cut, step) =>
    {
        var whole = Decode(ends, [octets]);
        cut = Math.Min(cut, octets.Length);
        Assert.Equal(whole, Decode(ends, [octets[..cut], octets[cut..]]));
        Assert.Equal(whole, Decode(ends, octets.Chunk(step).Select(piece => new string(piece))));
    }, iter: 20_000);

    [Fact]
    public void Only_CRLF_dot_CRLF_ends_the_data() => _octets.Sample(octets =>
    {
        var end = $"\r\n{octets}".IndexOf("\r\n.\r\n", StringComparison.Ordinal);
        var decoded = Decode(LineEnds.Strict, [octets]);
        Assert.Equal(end >= 0, decoded.Ended);
        Assert.Equal(end >= 0 ? end + 3 : octets.Length, decoded.Used);
    }, iter: 20_000);

    [Theory]
    [InlineData(LineEnds.Strict)]
    [InlineData(LineEnds.LfOnly)]
    public void What_is_kept_has_no_bare_CR_or_LF_and_no_NUL_in_its_body(LineEnds ends) => _octets.Sample(octets =>
    {
        var kept = Decode(ends, [octets]).Kept;
        var lines = kept.Replace("\r\n", "", StringComparison.Ordinal);
        Assert.DoesNotContain('\r', lines[..^(lines.EndsWith('\r') ? 1 : 0)]);
        Assert.DoesNotContain('\n', lines);
        var body = $"\r\n{kept}".IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (body >= 0) Assert.DoesNotContain('\0', $"\r\n{kept}"[body..]);
    }, iter: 20_000);

    [Fact]
    public void What_is_kept_and_sent_again_is_kept_the_same() => _octets.Sample(octets =>
    {
        var kept = Decode(LineEnds.Strict, [$"{octets}\r\n.\r\n"]).Kept;
        var stuffed = $"\r\n{kept}".Replace("\r\n.", "\r\n..", StringComparison.Ordinal)[2..];
        Assert.Equal(kept, Decode(LineEnds.Strict, [$"{stuffed}.\r\n"]).Kept);
    }, iter: 20_000);

    private static Decoded Decode(LineEnds ends, IEnumerable<string> pieces)
    {
        var (decoder, output) = (new DataDecoder(ends), new MemoryStream());
        var writer = PipeWriter.Create(output, new StreamPipeWriterOptions(leaveOpen: true));
        var (ended, used) = (false, 0);
        foreach (var piece in pieces)
        {
            if (ended) break;
            ended = decoder.Decode(Encoding.Latin1.GetBytes(piece), writer, out var consumed);
            used += consumed;
        }
        writer.Complete();
        Assert.Equal(output.Length, decoder.Written);
        return new Decoded(ended, used, Encoding.Latin1.GetString(output.ToArray()), decoder.NulsRemoved, decoder.IsMixed);
    }

    private sealed record Decoded(bool Ended, int Used, string Kept, long Nuls, bool IsMixed);
}
