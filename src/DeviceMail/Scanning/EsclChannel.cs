namespace DeviceMail.Scanning;

internal sealed class EsclChannel
{
    public const int MaxAnswerOctets = 1 << 20;
}
