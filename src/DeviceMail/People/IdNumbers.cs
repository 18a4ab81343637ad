using System.Security.Cryptography;
using DeviceMail.Storage;

namespace DeviceMail.People;

/// <summary>ID numbers: 4 to 8 digits, none that everybody tries first.</summary>
internal static class IdNumbers
{
    public const int Fewest = 4, Most = 8;

    /// <summary>Null when the number is good; the sentence does not hold it.</summary>
    public static string? Fault(string number, int leastDigits)
    {
        if (number.Length < leastDigits || number.Length > Most || !number.All(char.IsAsciiDigit))
            return leastDigits == Most ? $"An ID number has {Most} digits." : $"An ID number has {leastDigits} to {Most} digits.";
        return IsWeak(number) ? "This ID number is one of the first that somebody would try. Take another one, or let the gateway make one." : null;
    }

    /// <summary>A random one that is not weak.</summary>
    public static Secret Generate(int digits)
    {
        while (true)
        {
            var number = RandomNumberGenerator.GetString("0123456789", digits);
            if (!IsWeak(number)) return new Secret(number);
        }
    }

    /// <summary>A row of digits up or down, or a piece that is repeated: 1111, 1234, 987654, 1212, 123123.</summary>
    internal static bool IsWeak(string number)
    {
        if (IsRow(number, 1) || IsRow(number, 9)) return true;
        for (var piece = 1; piece <= number.Length / 2; piece++)
            if (number.Length % piece == 0 && Enumerable.Range(piece, number.Length - piece).All(i => number[i] == number[i - piece])) return true;
        return false;
    }

    private static bool IsRow(string number, int step) => number.Zip(number.Skip(1)).All(pair => (pair.First - '0' + step) % 10 == pair.Second - '0');
}
